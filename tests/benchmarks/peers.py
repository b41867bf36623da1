"""The peers of the deduplication benchmarks, each in an environment of its own, at the versions that were measured.

    python tests/benchmarks/peers.py PEERS_FOLDER        # about 2 GB, once

The benchmarks take that folder as `--peers`; a peer whose environment is missing there is left out and said so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PEERS: dict[str, tuple[str, ...]] = {
    "rensa": ("rensa==0.5.0",),
    "datasketch": ("datasketch==2.0.0", "numpy==2.4.6", "scipy==1.17.1"),
    "text-dedup": (
        "datasets==5.2.0",
        "numpy==2.4.6",
        "scipy==1.17.1",
        "xxhash==4.1.0",
        "regex",
        "tqdm",
        "psutil",
        "rich<14",
        "ftfy",
        "bitarray",
        "pybloom-live",
        "click==8.5.1",
        "click-option-group==0.5.6",
        "setuptools",
        "zstandard",
    ),
    "datatrove": (
        "datatrove==0.10.1",
        "orjson",
        "regex",
        "nltk",
        "tokenizers==0.23.3",
        "spacy==3.8.18",
        "xxhash<4",
        "numpy==2.4.6",
    ),
    "semhash": ("semhash==0.5.0", "vicinity==0.4.6", "usearch==2.26.6", "numpy==2.4.6"),
    "faiss": ("faiss-cpu==1.15.1", "numpy==2.4.6"),
}
ALONE = {"text-dedup": "text-dedup==0.4.0"}  # without what it names for its other methods (Spark, TensorFlow)


def interpreter(folder: Path, peer: str) -> Path | None:
    """The Python of a peer's environment, or None where there is none."""
    path = folder / peer / "bin" / "python"
    return path if path.exists() else None


def make(folder: Path, peer: str) -> None:
    """Make one environment."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / peer)], check=True)
    pip = [str(folder / peer / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *PEERS[peer]], check=True)
    if peer in ALONE:
        subprocess.run([*pip, "--no-deps", ALONE[peer]], check=True)


def main() -> None:
    """Make every environment that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    for peer in PEERS:
        if interpreter(given.folder, peer) is None:
            make(given.folder, peer)
        print(f"{peer}: {interpreter(given.folder, peer)}")


if __name__ == "__main__":
    main()
