"""Convert: chats, instructions and prompts into each other (layer 3)."""
