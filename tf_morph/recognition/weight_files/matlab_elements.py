"""Whether the parts of a MATLAB 5 file fit into one another, before SciPy believes their sizes.

SciPy does not outlive some damage to uncompressed files; compressed parts carry a checksum, which
it looks at, and are left to it.

Source of the layout: MathWorks, MAT-File Format (version 5).
"""

import math
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = 128  # bytes; its last two tell the order of bytes
_TAG = 8
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _OBJECT, _CHARACTERS = 1, 2, 3, 4
_NUMERIC = range(6, 16)  # classes of arrays of numbers
_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
_TEXT_BYTES = _ITEM_BYTES | {16: 1, 17: 2, 18: 4}
_INT8, _INT32, _UINT32 = 1, 5, 6
_COMPLEX = 0x0800  # in an array's flags
_DEEPEST = 32  # arrays within arrays


class _Element(NamedTuple):
    """A part: the code of its type, and where its content begins and ends."""

    type: int
    start: int
    end: int


def check_elements(path: Path) -> None:
    """Does nothing where all parts fit.

    Raises:
      ValueError: one reaches beyond what it lies in, holds another number of values than it says,
        or is of a kind that no network is stored in.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        order = {b"IM": "<", b"MI": ">"}.get(data[_HEADER - 2 : _HEADER])
        if order is None:
            raise ValueError("the order of its bytes is not told")
        elements = _Elements(data, order)
        for element in elements.within(_HEADER, len(data)):
            if element.type != _COMPRESSED:
                elements.check_array(element)


class _Elements:
    """The parts of one file."""

    def __init__(self, data: mmap.mmap, order: str):
        self._data, self._order = data, order

    def within(self, start: int, end: int) -> Iterator[_Element]:
        """The parts that lie between two places, one after the other."""
        while start < end:
            if start + _TAG > end:
                raise ValueError(f"a part is cut off at {start}")
            code, size = self._integers(start, start + _TAG, "I")
            # Up to four bytes lie in the tag itself, which then holds two shorter numbers.
            small = code >> 16
            content = start + _TAG // 2 if small else start + _TAG
            element = _Element(code & 0xFFFF, content, content + (small or size))
            padding = 0 if element.type == _COMPRESSED else -element.end % _TAG
            start = element.end + padding
            if small > _TAG // 2 or element.end > end:
                raise ValueError(f"a part at {content} is longer than what it lies in")
            yield element

    def check_array(self, element: _Element, depth: int = 0) -> None:
        """An array with all that lies in it."""
        if element.type != _MATRIX or depth > _DEEPEST:
            raise ValueError(f"no array at {element.start}")
        if element.end == element.start:  # how empty fields are stored
            return
        parts = list(self.within(element.start, element.end))
        if [part.type for part in parts[:3]] != [_UINT32, _INT32, _INT8]:
            raise ValueError(f"an array without its flags, shape and name at {element.start}")
        flags, *_ = self._integers(*parts[0][1:], "I")
        shape = self._integers(*parts[1][1:], "i")
        if len(shape) < 2 or min(shape) < 0:
            raise ValueError(f"an array of the shape {shape} at {element.start}")
        kind, count = flags & 0xFF, math.prod(shape)
        if kind in (_CELL, _STRUCT, _OBJECT):
            self._check_nested(kind, count, parts[3:], depth)
        else:
            _check_values(kind, bool(flags & _COMPLEX), count, parts[3:])

    def _check_nested(self, kind: int, count: int, parts: list[_Element], depth: int) -> None:
        if kind == _OBJECT:  # its class' name
            parts = parts[1:]
        if kind != _CELL:
            if len(parts) < 2:
                raise ValueError("a structure without the names of its fields")
            (length,) = self._integers(*parts[0][1:], "i")
            names = parts[1].end - parts[1].start
            if parts[1].type != _INT8 or length < 1 or names % length:
                raise ValueError(f"names of fields at {parts[1].start} are damaged")
            count, parts = count * (names // length), parts[2:]
        if len(parts) != count:
            raise ValueError(f"{len(parts)} arrays where {count} should be")
        for part in parts:
            self.check_array(part, depth + 1)

    def _integers(self, start: int, end: int, code: str) -> tuple[int, ...]:
        count = (end - start) // 4
        return struct.unpack_from(f"{self._order}{count}{code}", self._data, start)


def _check_values(kind: int, is_complex: bool, count: int, parts: list[_Element]) -> None:
    if kind not in (_CHARACTERS, *_NUMERIC):
        raise ValueError(f"an array of class {kind}")
    sizes = _TEXT_BYTES if kind == _CHARACTERS else _ITEM_BYTES
    if len(parts) != 1 + is_complex:
        raise ValueError("an array with more or fewer values than its kind has")
    for part in parts:
        size = sizes.get(part.type)
        held = part.end - part.start
        # A letter takes up to four bytes of UTF-8.
        fits = held == count * (size or 0) or (kind == _CHARACTERS and part.type == 16)
        if size is None or not fits:
            raise ValueError(f"{held} bytes at {part.start} are not {count} values")
