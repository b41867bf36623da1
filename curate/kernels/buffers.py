"""Between Arrow and NumPy without a copy or a detour: the bytes of texts, and masks.

Kernels read texts where Arrow keeps them. `pyarrow.array` and `to_numpy` import pandas when first called on NumPy's
arrays, a fifth of a second that a kernel need not wait for; what stands here reads and writes Arrow's own buffers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]


def text_bytes(texts: pa.Array) -> tuple[U8, I64]:
    """The UTF-8 bytes of texts, a null being empty, and where each begins and the last one ends, shape (n + 1,).

    Example:
        >>> data, offsets = text_bytes(pa.array(["ab", None, "é"]))
        >>> data[offsets[2] : offsets[3]].tobytes().decode(), offsets.tolist()
        ('é', [0, 2, 2, 4])
    """
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    _, offsets, data = texts.buffers()
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8), bounds


def as_texts(parts: list[bytes]) -> pa.Array:
    """Texts of their UTF-8 bytes.

    Example:
        >>> as_texts([b"a", b"", "é".encode()]).to_pylist()
        ['a', '', 'é']
    """
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(parts))]
    return pa.Array.from_buffers(pa.large_string(), len(parts), buffers)


def as_mask(held: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Truth values for Arrow.

    Example:
        >>> as_mask(np.array([True, False, True])).to_pylist()
        [True, False, True]
    """
    return pa.Array.from_buffers(pa.bool_(), held.size, [None, pa.py_buffer(np.packbits(held, bitorder="little"))])


def as_bools(mask: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    """Arrow's truth values, none of them null, for NumPy.

    Example:
        >>> as_bools(pa.array([True, False, True])[1:]).tolist()
        [False, True]
    """
    if not len(mask):
        return np.zeros(0, np.bool_)
    bits = np.unpackbits(np.frombuffer(mask.buffers()[1], np.uint8), bitorder="little")
    return bits[mask.offset : mask.offset + len(mask)].view(np.bool_)
