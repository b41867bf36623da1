"""A segment of a saved index of near duplicates: arrays in files that never change, memory-mapped.

`curate.io.dedup_index` adds rows as new segments and merges small ones; `kernels.lsh_index` looks rows up in them.
Band keys lie sorted, so that a look-up is a binary search. Merging works through a range of keys at a time and holds
no more than that (O'Neil et al. 1996, log-structured merge trees).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from curate.errors import InputError
from curate.kernels.shingles import ShingleSets

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

FILES: Mapping[str, tuple[type[np.generic], int]] = {
    "row_ids": (np.uint64, 1),
    "sources": (np.uint32, 1),
    "contents": (np.uint64, 2),
    "keys": (np.uint32, 2),
    "rows": (np.uint32, 2),
    "offsets": (np.int64, 1),
    "shingles": (np.uint64, 1),
    "minima": (np.uint8, 2),
}
_EXACT, _ESTIMATE = ("offsets", "shingles"), ("minima",)
_HELD = 2**21  # items held at once while segments are merged


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """What n rows are compared by; the rows to look up as well as those in the index.

    Attributes:
        keys: one hash per band and row, uint32, shape (n_bands, n).
        sets: their shingle sets, none empty; None where similarities are estimated.
        minima: the low byte of every minimum, uint8, shape (n, n_hashes); None where similarities are exact.
    """

    keys: U32
    sets: ShingleSets | None
    minima: U8 | None


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """n rows of an index.

    Attributes:
        row_ids: their ids in their source, uint64, shape (n,).
        sources: the number of the source of each, uint32, shape (n,).
        contents: 128-bit hashes of source and content, ascending by the first half, uint64, shape (2, n).
        keys: the keys of each band, ascending, uint32, shape (n_bands, n).
        rows: which row each key is of; of equal keys ascending, uint32, shape (n_bands, n).
        sets: as in `Sketches`.
        minima: as in `Sketches`.
    """

    row_ids: U64
    sources: U32
    contents: U64
    keys: U32
    rows: U32
    sets: ShingleSets | None
    minima: U8 | None

    @property
    def n_rows(self) -> int:
        return len(self.row_ids)

    def holds(self, contents: U64) -> npt.NDArray[np.bool_]:
        """Which of some contents, shape (2, m), are here."""
        low = np.searchsorted(self.contents[0], contents[0])
        found = np.zeros(contents.shape[1], dtype=bool)
        while True:  # hashes with an equal first half stand side by side: hardly ever more than one
            inside = low < self.n_rows
            inside[inside] = self.contents[0, low[inside]] == contents[0, inside]
            if not inside.any():
                return found
            found[inside] |= self.contents[1, low[inside]] == contents[1, inside]
            low += inside
            low[~inside] = self.n_rows


def new_segment(row_ids: U64, source: int, contents: U64, sketches: Sketches) -> Segment:
    """Rows of one source as a segment in memory; `row_ids` and `contents` in the order of the sketches."""
    order = np.argsort(sketches.keys, axis=1, kind="stable")
    return Segment(
        row_ids,
        np.full(len(row_ids), source, dtype=np.uint32),
        contents[:, np.argsort(contents[0], kind="stable")],
        np.take_along_axis(sketches.keys, order, axis=1),
        order.astype(np.uint32),
        sketches.sets,
        sketches.minima,
    )


def write_segments(parts: Sequence[Segment], folder: Path) -> None:
    """Write segments as one, the rows of the first first, into a folder that is there.

    Memory does not grow with the rows: what is sorted is merged one range of hashes after the other.
    """
    n_rows, n_bands = sum(part.n_rows for part in parts), len(parts[0].keys)
    starts = np.cumsum([0, *(part.n_rows for part in parts)])
    _write(folder, "row_ids", (n_rows,), (part.row_ids for part in parts))
    _write(folder, "sources", (n_rows,), (part.sources for part in parts))
    with _Writer(folder, "contents", (2, n_rows)) as high, _Writer(folder, "contents", (2, n_rows), row=1) as low:
        for merged in _merged([part.contents[0] for part in parts], [part.contents[1] for part in parts]):
            high.add(merged[0])
            low.add(merged[1])
    with _Writer(folder, "keys", (n_bands, n_rows)) as keys, _Writer(folder, "rows", (n_bands, n_rows)) as rows:
        for band in range(n_bands):
            places = [part.rows[band] for part in parts]
            for merged in _merged([part.keys[band] for part in parts], places, starts):
                keys.add(merged[0])
                rows.add(merged[1])
    _write_verification(parts, n_rows, folder)


def _write_verification(parts: Sequence[Segment], n_rows: int, folder: Path) -> None:
    minima = [part.minima for part in parts if part.minima is not None]
    sets = [part.sets for part in parts if part.sets is not None]
    if minima:
        _write(folder, "minima", (n_rows, minima[0].shape[1]), minima)
        return
    begins = np.cumsum([0, *(int(each.offsets[-1]) for each in sets)])
    shifted = (each.offsets[1:] + begin for each, begin in zip(sets, begins, strict=False))
    _write(folder, "offsets", (n_rows + 1,), [np.zeros(1, np.int64), *shifted])
    _write(folder, "shingles", (int(begins[-1]),), (each.shingles for each in sets))


def _merged(
    keys: Sequence[npt.NDArray[Any]], values: Sequence[npt.NDArray[Any]], starts: I64 | None = None
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Sorted keys of several parts with their values, merged, in runs; of equal keys those of the first part first.

    `starts` is added to the values of each part.
    """
    n_items = sum(map(len, keys))
    kind = keys[0].dtype
    top = int(np.iinfo(kind).max)
    n_runs = -(-n_items // _HELD)
    cuts = [np.array([top * run // n_runs for run in range(1, n_runs)], dtype=kind) for _ in keys]
    ends = [[0, *np.searchsorted(part, cut).tolist(), len(part)] for part, cut in zip(keys, cuts, strict=True)]
    for run in range(n_runs):
        slices = [slice(end[run], end[run + 1]) for end in ends]
        key = np.concatenate([part[span] for part, span in zip(keys, slices, strict=True)])
        value = np.concatenate(
            [
                part[span] + np.asarray(0 if starts is None else starts[at], dtype=part.dtype)
                for at, (part, span) in enumerate(zip(values, slices, strict=True))
            ]
        )
        order = np.argsort(key, kind="stable")
        yield key[order], value[order]


def _write(folder: Path, name: str, shape: tuple[int, ...], blocks: Iterable[npt.NDArray[Any]]) -> None:
    with _Writer(folder, name, shape) as writer:
        for block in blocks:
            for start in range(0, len(block), _HELD):
                writer.add(block[start : start + _HELD])


class _Writer:
    """A NumPy file of known shape, written block by block; `row`: only that row of it, into a file that is there."""

    def __init__(self, folder: Path, name: str, shape: tuple[int, ...], row: int = 0) -> None:
        self._kind = np.dtype(FILES[name][0])
        self._file: BinaryIO = (folder / f"{name}.npy").open("r+b" if row else "wb")
        descr = np.lib.format.dtype_to_descr(self._kind)
        header = {"descr": descr, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)
        self._file.flush()
        self._file.seek(row * shape[-1] * self._kind.itemsize, 1)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, block: npt.NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(block, dtype=self._kind).data)


def open_segment(folder: Path, n_rows: int, n_bands: int, n_hashes: int, *, exact: bool) -> Segment:
    """The segment of a folder, memory-mapped.

    Raises:
        InputError: a file is missing or does not hold what it should.
    """
    names = [name for name in FILES if name not in (_ESTIMATE if exact else _EXACT)]
    found = {name: _mapped(folder / f"{name}.npy", *FILES[name]) for name in names}
    shapes = {
        "row_ids": (n_rows,),
        "sources": (n_rows,),
        "contents": (2, n_rows),
        "keys": (n_bands, n_rows),
        "rows": (n_bands, n_rows),
        "offsets": (n_rows + 1,),
        "minima": (n_rows, n_hashes),
    }
    if exact:
        shapes["shingles"] = (int(found["offsets"][-1]) if len(found["offsets"]) else 0,)
    for name, array in found.items():
        if array.shape != shapes[name]:
            raise _damaged(folder / f"{name}.npy", f"its shape is {array.shape}, not {shapes[name]}")
    return Segment(
        found["row_ids"],
        found["sources"],
        found["contents"],
        found["keys"],
        found["rows"],
        ShingleSets(found["offsets"], found["shingles"]) if exact else None,
        None if exact else found["minima"],
    )


def _mapped(path: Path, kind: type[np.generic], n_dimensions: int) -> npt.NDArray[Any]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing", hint=_REMEDY) from error
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, str(error).split("\n")[0]) from error
    if array.dtype != kind or array.ndim != n_dimensions:
        raise _damaged(path, f"it holds {array.dtype}, not {np.dtype(kind)}")
    return np.asarray(array)


_REMEDY = "build the index again"


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"{path} is damaged: {why}", hint=_REMEDY)
