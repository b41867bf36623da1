"""The manifest of a saved index of near duplicates: its format, how its rows are compared, which files it is of.

`index.json` is the index: a file that it does not name is none of it. Read and written by `curate.io.dedup_index`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from curate.data.digest import file_checksum
from curate.errors import CurateError, InputError, did_you_mean, in_plain_words
from curate.io.atomic import write_text
from curate.io.files import readable
from curate.kernels.lsh_segment import Segment, open_segment
from curate.kernels.minhash import Bands, bands_for

MANIFEST = "index.json"
FAN = 8  # as many segments of about one size are merged

Share = Annotated[float, Field(gt=0, lt=1)]


class IndexSettings(BaseModel, frozen=True, extra="forbid"):
    """How the rows of an index are compared; fixed when it is built.

    Attributes:
        min_similarity: the Jaccard similarity of two shingle sets from which on rows are twins.
        shingle_size: words or characters per shingle.
        unit: what a shingle is made of.
        n_hashes: minima per row.
        recall: with what probability a pair exactly at `min_similarity` is found; more similar ones more surely.
        seed: of the hash functions.
        verify: `exact` keeps the shingle sets, so that every answer has its true similarity; `signature` keeps one
            byte per minimum, in less space where texts are long, and every similarity is an estimate.
    """

    min_similarity: Annotated[float, Field(gt=0, le=1)] = 0.8
    shingle_size: Annotated[int, Field(ge=1, le=16)] = 3
    unit: Literal["word", "character"] = "word"
    n_hashes: Annotated[int, Field(ge=1, le=1024)] = 128
    recall: Share = 0.999
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    verify: Literal["exact", "signature"] = "exact"

    @classmethod
    def of(cls, given: Mapping[str, object]) -> IndexSettings:
        """Settings from plain values.

        Raises:
            CurateError: a name or a value is not allowed.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            fault = error.errors()[0]
            name = str(fault["loc"][0])
            known = name in cls.model_fields
            said = (
                f"{name} is {given[name]!r}: it {in_plain_words(fault['msg'])}"
                if known
                else f"an index has no setting {name!r}"
            )
            raise CurateError(said, hint=None if known else did_you_mean(name, cls.model_fields)) from error

    def check_same(self, given: Mapping[str, object]) -> None:
        """Raise `CurateError` where some settings, by name, are not these."""
        wanted = self.of({**self.model_dump(), **given})
        for name in given:
            mine, other = getattr(self, name), getattr(wanted, name)
            if mine != other:
                hint = "leave it out, or build another index"
                raise CurateError(f"the index was built with {name} {mine}, not {other}", hint=hint)


class File(BaseModel, frozen=True, extra="forbid"):
    """A file as it was written."""

    n_bytes: int
    checksum: str


class SegmentEntry(BaseModel, frozen=True, extra="forbid"):
    """A segment: its folder, its rows, its files."""

    folder: str
    n_rows: int
    files: Mapping[str, File]

    @classmethod
    def of(cls, folder: Path, n_rows: int) -> SegmentEntry:
        """The entry of a folder that was just written."""
        files = {
            path.name: File(n_bytes=path.stat().st_size, checksum=file_checksum(str(path)))
            for path in sorted(folder.iterdir())
        }
        return cls(folder=folder.name, n_rows=n_rows, files=files)

    def check(self, index: Path) -> None:
        """Raise `InputError` where a file is not what was written."""
        for name, file in self.files.items():
            path = index / self.folder / name
            with readable(path):
                if file_checksum(str(path)) != file.checksum:
                    raise InputError(f"{path} is damaged: its checksum differs", hint="build the index again")


class Manifest(BaseModel, frozen=True, extra="forbid"):
    """What `index.json` says.

    Attributes:
        format: what this and the files of the segments look like.
        curate: the version of curate that wrote it.
        settings: how rows are compared.
        n_bands: bands, and `n_band_rows` minima in each, as the settings came out when it was built.
        sources: the names of the sources, in the order in which they came.
        segments: in the order in which they were added.
    """

    format: Literal["curate.dedup-index/1"] = "curate.dedup-index/1"
    curate: str
    settings: IndexSettings
    n_bands: int
    n_band_rows: int
    sources: tuple[str, ...] = ()
    segments: tuple[SegmentEntry, ...] = ()

    @classmethod
    def empty(cls, settings: IndexSettings) -> Manifest:
        """The manifest of an index without rows."""
        bands = bands_for(settings.min_similarity, settings.recall, settings.n_hashes)
        return cls(curate=version("curate-data"), settings=settings, n_bands=bands.n_bands, n_band_rows=bands.n_rows)

    @property
    def bands(self) -> Bands:
        return Bands(self.n_bands, self.n_band_rows)

    @property
    def next_folder(self) -> str:
        """A name for a segment that none had before."""
        return f"segment-{1 + max((int(entry.folder[8:]) for entry in self.segments), default=0):06d}"

    def open(self, index: Path) -> list[Segment]:
        """All segments, memory-mapped.

        Raises:
            InputError: a file is missing or damaged.
        """
        opened = []
        for entry in self.segments:
            for name, file in entry.files.items():
                _check_size(index / entry.folder / name, file.n_bytes)
            opened.append(self.open_segment(index / entry.folder, entry.n_rows))
        return opened

    def check(self, index: Path) -> None:
        """Raise `InputError` where a file is not what was written."""
        for entry in self.segments:
            entry.check(index)

    def open_segment(self, folder: Path, n_rows: int) -> Segment:
        """A segment of such an index, memory-mapped."""
        settings = self.settings
        return open_segment(folder, n_rows, self.n_bands, settings.n_hashes, exact=settings.verify == "exact")


def _check_size(path: Path, n_bytes: int) -> None:
    if not path.exists():
        raise InputError(f"{path} is missing", hint="build the index again")
    with readable(path):
        found = os.stat(path).st_size
    if found != n_bytes:
        raise InputError(f"{path} is damaged: it has {found:,} bytes, not {n_bytes:,}", hint="build the index again")


def is_index(folder: Path) -> bool:
    """Whether a folder is an index."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index.

    Raises:
        InputError: there is no index, its manifest is damaged, or another version of curate wrote it.
    """
    if not is_index(folder):
        missing = "does not exist" if not folder.exists() else f"holds no {MANIFEST}, so it is no duplicate index"
        raise InputError(f"{folder} {missing}", hint="make one: curate dedup-index build SOURCE --out DIR")
    path = folder / MANIFEST
    with readable(path):
        text = path.read_bytes()
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        if where == "format":
            raise InputError(
                f"{path} is {fault['input']!r}, not {Manifest.model_fields['format'].default}",
                hint="build the index again",
            ) from error
        said = f"{where}: {fault['msg']}" if where else fault["msg"]
        raise InputError(f"{path} is damaged: {said}", hint="build the index again") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one that is there, in one act."""
    write_text(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")


def n_merged(sizes: Sequence[int]) -> int:
    """How many of the last segments become one, so that few are left and no row is written often.

    Segments whose sizes have the same logarithm to base `FAN`, or a smaller one, are merged once there are `FAN`.

    Example:
        >>> n_merged([100]), n_merged([100] * 7), n_merged([5000, *[100] * 8]), n_merged([*[600] * 7, *[70] * 8])
        (1, 1, 8, 15)
    """
    tail = [_tier(size) for size in sizes]
    merged = 1
    while True:
        tier = _tier(sum(sizes[len(sizes) - merged :]))
        run = merged
        while run < len(sizes) and tail[len(sizes) - run - 1] <= tier:
            run += 1
        if run - merged + 1 < FAN:
            return merged
        merged = run


def _tier(size: int) -> int:
    return int(math.log(size, FAN))
