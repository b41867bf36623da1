"""Looking rows up in a saved index of near duplicates: candidates share a band, every candidate is verified.

`kernels.lsh_segment` keeps the arrays; `curate.io.dedup_index` makes sketches of a corpus and asks here. Banding:
Leskovec, Rajaraman & Ullman (2020), chapter 3; estimates from one byte of each minimum: Li & König (2010), "b-bit
minwise hashing".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.lsh_segment import U8, U32, U64, Segment, Sketches
from curate.kernels.minhash import Bands, signatures
from curate.kernels.native import in_threads
from curate.kernels.ngrams import mix
from curate.kernels.overlap import overlaps
from curate.kernels.shingles import ShingleSets

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

ROUNDING = 1e-9
_CANDIDATES = 2**20  # verified at once
_SALTS = np.array([0x6A09E667F3BCC909, 0xBB67AE8584CAA73B], dtype=np.uint64)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(slots=True, eq=False)
class Found:
    """For each row looked up the most similar one so far; of equally similar ones that added first.

    Attributes:
        segment: the number of its segment, int64, shape (n,); -1 where there is none.
        row: its place there, int64, shape (n,).
        similarity: float64, shape (n,).
    """

    segment: I64
    row: I64
    similarity: F64

    @classmethod
    def nothing(cls, n: int) -> Found:
        """Nothing found for n rows."""
        return cls(np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.zeros(n))


def contents_of(sets: ShingleSets, salt: U64) -> U64:
    """128-bit hashes of sets of which none is empty, shape (2, n): equal sets under an equal `salt`, equal hashes.

    Args:
        sets: the sets.
        salt: two integers, shape (2,), of the source that the rows are of.
    """
    sums = [np.add.reduceat(mix(sets.shingles + each), sets.offsets[:-1]) for each in _SALTS]
    return np.stack([mix(total + each) for total, each in zip(sums, salt, strict=True)])


def first_of_each(contents: U64) -> npt.NDArray[np.bool_]:
    """Which of some contents, shape (2, n), were not met before, in their order."""
    order = np.lexsort((contents[1], contents[0]))
    new = np.ones(len(order), dtype=bool)
    new[order[1:]] = (contents[:, order[1:]] != contents[:, order[:-1]]).any(axis=0)
    return new


def joined(parts: Sequence[ShingleSets]) -> ShingleSets:
    """The sets of several blocks of rows, one after the other."""
    sizes = np.concatenate([part.sizes for part in parts])
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return ShingleSets(offsets, np.concatenate([part.shingles for part in parts]))


def sketch(sets: ShingleSets, bands: Bands, n_hashes: int, seed: int, *, exact: bool) -> Sketches:
    """What rows are looked up by, and what their similarities are told from.

    Args:
        sets: their shingle sets, none empty.
        bands: how their minima are cut.
        n_hashes: minima that estimates are made of.
        seed: of the hash functions.
        exact: keep the sets; else one byte of every minimum.
    """
    minima = signatures(sets, bands.n_hashes if exact else n_hashes, seed)
    keys = np.zeros((bands.n_bands, len(minima)), dtype=np.uint64)
    for column in range(bands.n_hashes):
        band = column // bands.n_rows
        keys[band] = mix(keys[band] * _GOLDEN + minima[:, column])
    short = (keys >> np.uint64(32)).astype(np.uint32)
    return Sketches(short, sets if exact else None, None if exact else minima.astype(np.uint8))


def look_up(
    segment: Segment, number: int, wanted: Sketches, min_similarity: float, found: Found, threads: int | None = None
) -> None:
    """Put into `found` every row of a segment that is more similar than what is there.

    Args:
        segment: where to look; segments come in the order in which they were added.
        number: what `found` calls it.
        wanted: the rows to look up.
        min_similarity: from which similarity on a row counts.
        found: what was found in the segments before.
        threads: threads for the search; as many as cores unless given.
    """
    for asked, rows in _candidates(segment, wanted.keys, found.similarity < 1, threads):
        bound = np.maximum(min_similarity, found.similarity[asked])
        if wanted.sets is not None and segment.sets is not None:
            both = np.stack([_sizes(wanted.sets, asked), _sizes(segment.sets, rows)])
            likely = both.min(axis=0) >= bound * both.max(axis=0) - ROUNDING
            asked, rows, n_both = asked[likely], rows[likely], both.sum(axis=0)[likely]
            shared = overlaps(wanted.sets, asked, rows, segment.sets)
            similarity = shared / (n_both - shared)
        else:
            similarity = estimate(wanted.minima, segment.minima, asked, rows)
        good = similarity >= min_similarity - ROUNDING
        _keep_best(found, number, asked[good], rows[good], similarity[good])


def _sizes(sets: ShingleSets, rows: I64) -> I64:
    return np.asarray(sets.offsets[rows + 1] - sets.offsets[rows], dtype=np.int64)


def _keep_best(found: Found, number: int, asked: I64, rows: I64, similarity: F64) -> None:
    order = np.lexsort((rows, -similarity, asked))
    order = order[np.flatnonzero(np.diff(asked[order], prepend=-1))]
    asked, rows, similarity = asked[order], rows[order], similarity[order]
    before = found.similarity[asked]
    earlier = (similarity == before) & (found.segment[asked] == number) & (rows < found.row[asked])
    better = (similarity > before) | earlier
    at = asked[better]
    found.segment[at], found.row[at], found.similarity[at] = number, rows[better], similarity[better]


def _candidates(
    segment: Segment, keys: U32, open_: npt.NDArray[np.bool_], threads: int | None
) -> Iterator[tuple[I64, I64]]:
    """Pairs (row looked up, row of the segment) that share a band, in blocks of bounded size, by row looked up."""
    wanted = np.flatnonzero(open_)
    ranges = in_threads(
        lambda first, last: [_range(segment.keys[band], keys[band, wanted]) for band in range(first, last)],
        np.arange(len(keys) + 1),
        threads,
    )
    lows = np.stack([low for part in ranges for low, _ in part], axis=1)
    sizes = np.stack([size for part in ranges for _, size in part], axis=1)
    who, band = np.nonzero(sizes)
    lows, ends = lows[who, band], np.cumsum(sizes[who, band])
    begins = ends - sizes[who, band]
    for start in range(0, int(ends[-1]) if len(ends) else 0, _CANDIDATES):
        places = np.arange(start, min(start + _CANDIDATES, int(ends[-1])))
        which = np.searchsorted(ends, places, side="right")
        rows = segment.rows[band[which], lows[which] + places - begins[which]]
        pairs = np.sort(who[which] << 32 | rows.astype(np.int64))
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]  # in several bands
        yield wanted[pairs >> 32], pairs & 0xFFFFFFFF


def _range(keys: U32, wanted: U32) -> tuple[I64, I64]:
    """Where each of some keys begins among sorted ones, and how often it stands there."""
    order = np.argsort(wanted)  # neighbours in the file are met one after the other
    low = np.empty(len(wanted), dtype=np.int64)
    low[order] = np.searchsorted(keys, wanted[order])
    here = low < len(keys)
    here[here] = keys[low[here]] == wanted[here]
    size = np.zeros(len(wanted), dtype=np.int64)
    size[here] = np.searchsorted(keys, wanted[here], side="right") - low[here]
    return low, size


def estimate(left: U8 | None, right: U8 | None, asked: I64, rows: I64) -> F64:
    """Estimated Jaccard similarity of pairs from the low bytes of their minima, shape (m,).

    The standard error is at most `0.5 / sqrt(n_hashes)`: bytes of different minima agree by chance once in 256.
    """
    assert left is not None
    assert right is not None
    same = np.empty(len(asked))
    for start in range(0, len(asked), 2**16):
        span = slice(start, start + 2**16)
        same[span] = (left[asked[span]] == right[rows[span]]).mean(axis=1)
    return np.clip((same - 1 / 256) / (1 - 1 / 256), 0, 1)
