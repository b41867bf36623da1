"""Loading and saving: whatever holds rows becomes a corpus; a corpus becomes files, folders or a Hub set (layer 3)."""

from curate.io.curated import save_curated
from curate.io.huggingface import push_to_hub
from curate.io.loading import load
from curate.io.saving import save

__all__ = ["load", "push_to_hub", "save", "save_curated"]
