"""Arrays of whole numbers out of the packs, for reading one by one and, where NumPy is in use, as its arrays.

Importing NumPy costs more than screening a short document, so the packs are read without it. Called by the learned
tables.
"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

_HEADER = re.compile(
    rb"\{'descr': '(?P<kind>[<|][a-z]\d)', 'fortran_order': False, 'shape': \((?P<shape>[\d, ]*)\), \} *\n"
)
_CODES = {b"<i2": "h", b"|i1": "b", b"<u4": "I", b"<f4": "f"}
_MAGIC = b"\x93NUMPY\x01\x00"
FEW = 150
"""Characters up to which ordinary whole numbers are as fast as NumPy's arrays."""
MANY = 20_000
"""Characters a process has read by ordinary whole numbers before NumPy is worth its import."""
_read = 0


def is_many(characters: int) -> bool:
    """Whether so many characters are to be read with NumPy; what comes of them is the same either way."""
    global _read
    if characters <= FEW:
        return False
    _read += characters
    return _read > MANY or "numpy" in sys.modules


@dataclass(frozen=True)
class Numbers:
    """An array as packed: little-endian numbers of one kind, row by row."""

    code: str
    shape: tuple[int, ...]
    data: bytes

    @cached_property
    def values(self) -> memoryview[Any]:
        """The numbers one after the other."""
        view: memoryview[Any] = memoryview(self.data).cast(self.code)  # type: ignore[call-overload]
        return view

    @cached_property
    def array(self) -> npt.NDArray[Any]:
        """The same as an array of NumPy's, sharing the memory."""
        import numpy as np

        return np.frombuffer(self.data, np.dtype(self.code)).reshape(self.shape)


def read_arrays(content: bytes) -> dict[str, Numbers]:
    """The arrays of a `.npz` file by name; raises ValueError, KeyError or OSError when it is not one of ours."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return {name.removesuffix(".npy"): _numbers(packed.read(name)) for name in packed.namelist()}
    except zipfile.BadZipFile as error:
        raise ValueError(str(error)) from error


def _numbers(content: bytes) -> Numbers:
    start = len(_MAGIC) + 2
    found = _HEADER.match(content, start)
    if not content.startswith(_MAGIC) or not found or sys.byteorder != "little":
        raise ValueError("unknown array")
    shape = tuple(int(size) for size in found["shape"].split(b",") if size.strip())
    return Numbers(_CODES[found["kind"]], shape, content[found.end() :])
