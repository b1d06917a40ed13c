"""Plain arrays of numbers in NumPy's .npy format, read without trusting a single byte of them.

A header is matched against the one form that is written here and by ``numpy.save``, and its shape against the bytes
that really follow; it is never evaluated. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import math
import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import read_only

_MAGIC = b"\x93NUMPY\x01\x00"
_START = len(_MAGIC) + 2
_HEADER = re.compile(
    rb"\{'descr': '([<|][fiub]\d)', 'fortran_order': False, 'shape': \((\d{1,12})(?:, (\d{1,12})|,)\), \} *\n"
)


def npy_bytes(array: NDArray[Any]) -> bytes:
    """Return the .npy file of a plain numeric ``array``."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def array_from_npy(data: bytes, dtype: str, n_axes: int) -> NDArray[Any]:
    """Return the read-only array in ``data``; ``dtype`` is as NumPy writes it: "<f8", "|u1".

    Raises ValueError, with a sentence, where ``data`` is anything but an array of that type and number of axes.
    """
    if not data.startswith(_MAGIC) or len(data) < _START:
        raise ValueError("it does not begin like an array.")
    start = _START + struct.unpack_from("<H", data, len(_MAGIC))[0]
    header = _HEADER.fullmatch(data[_START:start])
    if header is None:
        raise ValueError("its header is not that of a plain array of numbers.")
    shape = tuple(int(length) for length in header.groups()[1:] if length is not None)
    if header[1].decode() != dtype or len(shape) != n_axes:
        raise ValueError(f"it holds {header[1].decode()} in {len(shape)} axes; {dtype} in {n_axes} is expected.")
    wanted = math.prod(shape) * np.dtype(dtype).itemsize
    if wanted != len(data) - start:
        raise ValueError(f"its header announces {wanted:,} bytes, but {len(data) - start:,} are there.")
    array = np.frombuffer(data, dtype=dtype, offset=start).reshape(shape)
    return read_only(array.astype(array.dtype.newbyteorder("="), copy=False))
