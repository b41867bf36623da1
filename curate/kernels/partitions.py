"""Bands decided in partitions on disk: which rows share a band, with one partition of the keys in memory at a time.

For more rows than fit in memory: the keys go to scratch files by band and by their first bits, each file is read
alone, and what comes of it lies in mapped files. External partitioning as in the grace hash join (Kitsuregawa et al.
1983). `kernels.minhash` compares the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curate.kernels.minhash import Bands, Buckets, band_keys, check_countable
from curate.kernels.native import in_threads
from curate.kernels.shingles import ShingleSets

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

PARTITION_ITEMS = 2**20  # read at once
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def buckets_on_disk(
    keys_of: Callable[[int, int], U64], n_rows: int, folder: Path, *, partition_items: int = PARTITION_ITEMS
) -> Buckets:
    """Buckets whose arrays are mapped files in `folder`; memory holds one partition, whatever the number of rows.

    Args:
        keys_of: the band keys of the rows from `start` to `stop`, uint64, shape (n_bands, stop - start): the key in
            the upper 32 bits, the row in the lower.
        n_rows: rows, below 2**32.
        folder: an empty folder with room for 16 bytes per row and band.
        partition_items: how many keys are read at once, about; more where so many rows have one key.

    Raises:
        CurateError: more than 2**32 - 2 rows or buckets.

    Example:
        >>> import tempfile
        >>> keys = np.array([[7, 7, 9], [1, 2, 1]], dtype=np.uint64) << np.uint64(32) | np.arange(3, dtype=np.uint64)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = buckets_on_disk(lambda start, stop: keys[:, start:stop], 3, Path(folder))
        >>> found.members.tolist(), found.starts.tolist(), found.own.tolist(), found.own_offsets.tolist()
        ([0, 1, 0, 2], [0, 2, 4], [0, 1, 0, 1], [0, 2, 3, 4])
    """
    check_countable(n_rows)
    n_bits = max(0, int(np.ceil(np.log2(max(1, n_rows) / partition_items))))
    block = max(1, partition_items // 4)
    n_bands = 0
    for start in range(0, n_rows, block):
        keys = keys_of(start, min(start + block, n_rows))
        n_bands = len(keys)
        for band, items in enumerate(keys):
            _scatter(np.sort(items), n_bits, folder, f"band-{band}")
    files = [folder / f"band-{band}-{part}" for band in range(n_bands) for part in range(2**n_bits)]
    with (folder / "members").open("wb") as members, (folder / "starts").open("wb") as starts:
        n_buckets = n_members = 0
        starts.write(np.zeros(1, np.int64).tobytes())
        for rows, sizes in map(_grouped, _read_away(files)):
            check_countable(n_buckets + len(sizes))
            members.write(rows.astype(np.uint32).tobytes())
            starts.write((n_members + np.cumsum(sizes)).tobytes())
            bucket = np.repeat(np.arange(n_buckets, n_buckets + len(sizes), dtype=np.uint64), sizes)
            _scatter(np.sort(rows << _HALF | bucket), n_bits, folder, "own", n_rows)
            n_buckets, n_members = n_buckets + len(sizes), n_members + len(rows)
    _gather_own(folder, [folder / f"own-{part}" for part in range(2**n_bits)], n_rows)
    kinds = {"own_offsets": np.int64, "own": np.uint32, "starts": np.int64, "members": np.uint32}
    return Buckets(**{name: _mapped(folder / name, kind) for name, kind in kinds.items()})


def block_keys(
    sets: ShingleSets, rows: I64, bands: Bands, seed: int, threads: int | None, start: int, stop: int
) -> U64:
    """What `buckets_on_disk` asks for, of the sets of some rows."""
    keys = in_threads(
        lambda band, _: band_keys(sets, rows[start:stop], bands, seed, band), np.arange(bands.n_bands + 1), threads
    )
    return np.stack(keys) + np.uint64(start)


def _scatter(items: U64, n_bits: int, folder: Path, name: str, top: int = 2**32) -> None:
    """Append ascending items to the file of the part that their upper half lies in, of 2**n_bits from 0 to `top`."""
    bounds = [(top * part >> n_bits) << 32 for part in range(1, 2**n_bits)]
    ends = [0, *np.searchsorted(items, np.array(bounds, dtype=np.uint64)).tolist(), len(items)]
    for part, (start, stop) in enumerate(pairwise(ends)):
        with (folder / f"{name}-{part}").open("ab") as file:
            file.write(items[start:stop].tobytes())


def _read_away(files: Iterable[Path]) -> Iterator[U64]:
    """The items of each file, ascending; the files are gone afterwards."""
    for path in files:
        items = np.fromfile(path, dtype=np.uint64) if path.exists() else np.empty(0, np.uint64)
        path.unlink(missing_ok=True)
        items.sort()
        yield items


def _grouped(items: U64) -> tuple[U64, I64]:
    """The rows of every key that two or more share, key by key, and how many share it."""
    keys = items >> _HALF
    begins = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]]))
    sizes = np.diff(np.append(begins, len(keys)))
    return (items & _LOW)[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]


def _gather_own(folder: Path, files: list[Path], n_rows: int) -> None:
    """Write `own` and `own_offsets` from files of (row, bucket), each of a range of rows."""
    with (folder / "own").open("wb") as own, (folder / "own_offsets").open("wb") as offsets:
        offsets.write(np.zeros(1, np.int64).tobytes())
        begin = 0
        for part, items in enumerate(_read_away(files)):
            first, last = (n_rows * at // len(files) for at in (part, part + 1))
            own.write((items & _LOW).astype(np.uint32).tobytes())
            counts = np.bincount((items >> _HALF).astype(np.int64) - first, minlength=last - first)
            offsets.write((begin + np.cumsum(counts)).tobytes())
            begin += len(items)


def _mapped(path: Path, kind: Any) -> npt.NDArray[Any]:
    if not path.stat().st_size:
        return np.empty(0, kind)
    return np.memmap(path, dtype=kind, mode="r+")
