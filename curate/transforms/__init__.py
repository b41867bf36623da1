"""The transforms, one folder a family (layer 3). Each proposes edits; none applies them."""
