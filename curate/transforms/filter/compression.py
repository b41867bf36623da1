"""`filter.compression`: drop rows whose text repeats itself, or cannot be compressed, as zlib sees it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.buffers import text_bytes
from curate.kernels.share import Share

_FEWEST_BYTES = 100
_LEVEL = 6
_SMALL = (1 << 12, -12, 5)  # up to so many bytes, with so small a window and memory: quicker to set up, the same size
_LARGE = (-15, 8)


class CompressionRatio(RowSignal):
    """Compressed size of the text by its size in UTF-8; null below 100 bytes, where the ratio says little."""

    name: ClassVar[str] = "compression_ratio"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "compressed bytes by bytes, above 0, about 1 for random text"

    def values(self, batch: Batch) -> pa.Array:
        data, offsets = text_bytes(batch.text_array())
        sizes = np.diff(offsets)
        packed = np.zeros(len(sizes), np.int64)
        for at in np.flatnonzero(sizes >= _FEWEST_BYTES).tolist():
            packed[at] = _compressed(data[offsets[at] : offsets[at + 1]].data)
        return Share(packed, np.where(sizes >= _FEWEST_BYTES, sizes, 0)).fraction()


def _compressed(text: memoryview) -> int:
    """The size of a text as raw deflate, without a header."""
    window, memory = _SMALL[1:] if len(text) <= _SMALL[0] else _LARGE
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, window, memory)
    return len(packer.compress(text)) + len(packer.flush())


class DropByCompression(DropOutside):
    """Drops texts by how well they compress: a low ratio means that a text repeats itself.

    The ratio is compressed size by size in bytes, raw deflate at level 6. It sees repetition of any kind and length at
    once: Radford et al. ("Whisper", 2022) take a transcript that zlib shrinks below 1 / 2.4 for a model that loops. A
    ratio near 1 means random characters. Short texts compress worse than long ones, and below 100 bytes a text has no
    value; scripts differ by the bytes of a character, so take bounds from texts like yours. Builds of zlib may differ
    in the last per cent.

    Attributes:
        min_ratio: the smallest ratio a row may have.
        max_ratio: the largest.

    Example:
        >>> DropByCompression(min_ratio=0.3).given()
        {'min_ratio': 0.3}
    """

    name: ClassVar[str] = "filter.compression"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "compresses_too_well": "a smaller ratio than min_ratio: the text repeats itself",
        "compresses_too_badly": "a larger ratio than max_ratio: the text looks random",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_ratio": ("compression_ratio", "compresses_too_well"),
        "max_ratio": ("compression_ratio", "compresses_too_badly"),
    }
    typical: ClassVar[dict[str, str]] = {
        "compression_ratio": "1st to 99th percentile: AG News 0.59 to 0.86, IMDB 0.46 to 0.7, "
        "SST-2 0.62 to 0.8, Chinese reviews 0.65 to 1",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "compresses_too_well": Example("Thank you for watching! " * 10, settings={"min_ratio": 0.3}),
        "compresses_too_badly": Example(
            "kQ3vX9zLr7WmT2bYc8HdN5pJ1sGf4UeA6iOoKtRxEqZnVlBgCyMwDhPjSuFa0I"
            "yT5rWq8ZbN2mKx7LpVd3HcJ9sGf1QeUa6OiR4tXnYkMzBvElCwDhPjSuFgA0Io",
            settings={"max_ratio": 0.8},
        ),
    }

    min_ratio: float | None = Field(None, ge=0)
    max_ratio: float | None = Field(None, ge=0)
