"""dlib's serialized networks, `dlib_face_recognition_resnet_model_v1.dat`: one layer after another.

An integer is a control byte, whose low four bits say how many bytes follow and whose high bit is
the sign, and those bytes, the lowest first. A floating-point number is two integers, mantissa and
exponent of two. A tensor is the integer 2, four integers for its sizes, and float32 numbers. A
layer is its name, with its length before it, what belongs to it (`_FIELDS`), three letters 0 or 1
and three tensors left from training, all empty. Before the first layer stands an integer for each
of the nested templates, and then the input.

Each affine layer is multiplied into the convolution before it.

Source: dlib 20.0.1, serialize.h, dnn/core.h and dnn/layers.h (`serialize` of every layer).
"""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tf_morph.errors import InputError
from tf_morph.recognition.architectures.dlib_resnet import (
    DLIB_RESNET,
    EMBEDDING_SIZE,
    GROUPS,
    STEM,
    Convolution,
)
from tf_morph.recognition.weight_files import catalogue
from tf_morph.recognition.weight_files.stored import Stored, StoredLayers

FILE_NAME = "dlib_face_recognition_resnet_model_v1.dat"
_LARGEST_FILE = 1 << 26  # bytes: three times the network's
_NETWORK, _DETECTOR = b"\x01\x01\x01\x0dloss_metric_2", b"\x01\x01\x01\x0aloss_mmod_"
_PREDICTOR = b"\x01\x01"  # a version and then its points as a negative number
_INPUT = "input_rgb_image_sized"
_CONVOLUTION, _AFFINE, _CONNECTED = "con_4", "affine_", "fc_2"
_ADDED, _RECTIFIED, _MAXIMUM, _AVERAGE = "add_prev_", "relu_", "max_pool_2", "avg_pool_2"
_LONGEST_NAME = 40
_TENSOR_VERSION = 2
_LARGEST_VERSION = 3  # of nested templates; every name is longer


class _Fields(NamedTuple):
    """How many integers stand before and after a layer's parameters; None: it has none of them."""

    before: int
    after: int | None = None


# Part of a layer's parameters is a version and four sizes, a learning rate's factor two integers.
_FIELDS = {
    _CONVOLUTION: _Fields(0, 7 + 5 + 5 + 8),
    _AFFINE: _Fields(0, 5 + 5 + 1),
    _CONNECTED: _Fields(2, 5 + 5 + 1 + 8),
    _MAXIMUM: _Fields(6),
    _AVERAGE: _Fields(6),
    _RECTIFIED: _Fields(0),
    _ADDED: _Fields(0),
}


class _Layer(NamedTuple):
    """A layer as the file has to have it.

    Attributes:
      kind: its name there.
      settings: its integers, without the factors of learning rates.
      shape: of the kernel that its parameters begin with, as the file has it.
      count: of its parameters.
    """

    kind: str
    settings: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    count: int = 0


class _Damaged(Exception):
    """What is wrong, for the end of an error line."""


def is_dlib(head: bytes) -> bool:
    """Whether a file that begins so is dlib's: no protocol buffer can."""
    return head.startswith(_PREDICTOR)


def read_layers(path: Path) -> StoredLayers:
    """The layers of dlib's face recognition network, by their names in `architectures.dlib_resnet`.

    Raises:
      InputError: another of dlib's files, a truncated or a damaged one.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST_FILE + 1)
    _refuse_others(path, content)
    try:
        parameters = _parameters(_Reader(content))
    except _Damaged as damage:
        raise InputError(f"{path}: {damage}; {catalogue.fetch_again(path)}") from None
    return _named(parameters)


def _refuse_others(path: Path, content: bytes) -> None:
    if content.startswith(_NETWORK) and len(content) <= _LARGEST_FILE:
        return
    if content.startswith(_NETWORK):
        what = f"more than {_LARGEST_FILE >> 20} MB, no file of dlib's face recognition network"
    elif content.startswith(_DETECTOR):
        what = "dlib's face detector, which recognises nobody"
    elif _Reader(content, len(_PREDICTOR)).points() is not None:
        points = _Reader(content, len(_PREDICTOR)).points()
        what = f"dlib's predictor of {points} landmarks, which recognises nobody"
    else:
        what = "begins as dlib's files do, but holds no network that is known here"
    raise InputError(f"{path}: {what}; give {FILE_NAME}")


class _Reader:
    """Reads a file's content from front to back.

    Every method raises `_Damaged` where the content ends too early or is something else.
    """

    def __init__(self, content: bytes, position: int = 0):
        self._content, self._position = content, position

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._content) - self._position

    def integer(self) -> int:
        control = self._bytes(1)[0]
        if not 1 <= control & 0x0F <= 8 or control & 0x70:
            raise _Damaged(f"damaged: no integer at byte {self._position - 1:,}")
        value = int.from_bytes(self._bytes(control & 0x0F), "little")
        return -value if control & 0x80 else value

    def integers(self, count: int) -> tuple[int, ...]:
        return tuple(self.integer() for _ in range(count))

    def floating(self) -> float:
        mantissa, exponent = self.integers(2)
        if abs(exponent) > 1000:
            raise _Damaged(f"damaged: no number at byte {self._position:,}")
        return mantissa * 2.0**exponent

    def name(self) -> str:
        """A layer's name. The versions of nested templates may stand before it."""
        start, length = self._position, self.integer()
        while 1 <= length <= _LARGEST_VERSION:
            length = self.integer()
        letters = self._bytes(length) if 0 < length <= _LONGEST_NAME else b""
        name = bytes(letters).decode("ascii", "replace")
        if not name.isidentifier():
            raise _Damaged(f"damaged: no layer's name at byte {start:,}")
        return name

    def tensor(self) -> np.ndarray:
        """float32 [N]; a view of the content."""
        version, *sizes = self.integers(5)
        if version != _TENSOR_VERSION or min(sizes) < 0:
            raise _Damaged(f"damaged: no tensor at byte {self._position:,}")
        count = sizes[0] * sizes[1] * sizes[2] * sizes[3]  # Python's: it cannot overflow
        return np.frombuffer(self._bytes(4 * count), "<f4")

    def training_state(self) -> None:
        """What every layer ends in: of no use here."""
        if bytes(self._bytes(3)).strip(b"01"):
            raise _Damaged(f"damaged: no layer's end at byte {self._position:,}")
        for _ in range(3):
            self.tensor()

    def points(self) -> int | None:
        """The landmarks of a predictor, whose mean shape is a column of x and y; else None."""
        try:
            rows, columns = self.integers(2)
        except _Damaged:
            return None
        return -rows // 2 if rows < 0 and columns == -1 else None

    def _bytes(self, count: int) -> memoryview:
        if count > self.left:
            raise _Damaged(f"truncated or damaged: it ends after {len(self._content):,} bytes")
        start = self._position
        self._position += count
        return memoryview(self._content)[start : self._position]


def _convolution(convolution: Convolution, channels_in: int) -> Iterator[_Layer]:
    """A convolution and its affine layer."""
    channels, kernel = convolution.channels, convolution.kernel
    stride, padding = convolution.stride, convolution.padding
    shape = (channels, channels_in, kernel, kernel)
    vector = (1, 1, channels, 1, 1)
    settings = (channels, kernel, kernel, stride, stride, padding, padding, 1, *shape, *vector)
    yield _Layer(_CONVOLUTION, settings, shape, math.prod(shape) + channels)
    yield _Layer(_AFFINE, (*vector, *vector, 0), (channels,), 2 * channels)


def _expected() -> Iterator[_Layer]:
    """The layers of dlib's network in the file's order."""
    yield from _convolution(STEM, 3)
    yield from (_Layer(_RECTIFIED), _Layer(_MAXIMUM, (3, 3, 2, 2, 0, 0)))
    channels = STEM.channels
    for block in itertools.chain(*GROUPS):
        yield from _convolution(block.first, channels)
        yield _Layer(_RECTIFIED)
        channels = block.first.channels
        yield from _convolution(block.second, channels)
        if block.halves:
            yield _Layer(_AVERAGE, (2, 2, 2, 2, 0, 0))
        yield from (_Layer(_ADDED), _Layer(_RECTIFIED))
    yield _Layer(_AVERAGE, (0, 0, 1, 1, 0, 0))
    shape = (channels, EMBEDDING_SIZE)
    no_bias = (1, 0, 0, 0, 0, 1)
    settings = (EMBEDDING_SIZE, channels, 1, *shape, 1, 1, *no_bias)
    yield _Layer(_CONNECTED, settings, shape, math.prod(shape))


def _parameters(reader: _Reader) -> list[tuple[_Layer, np.ndarray]]:
    """(layer, its parameters) of every layer that has some."""
    _read_input(reader)
    found = []
    for number, layer in enumerate(_expected(), 1):
        parameters = _read_layer(reader, number, layer)
        if layer.count:
            found.append((layer, parameters))
        if number == 1:
            reader.integer()  # how many pictures the input makes of one
    if reader.left:
        raise _Damaged(f"damaged: {reader.left:,} bytes follow the last layer")
    return found


def _read_input(reader: _Reader) -> None:
    """The loss, and how pictures are prepared."""
    reader.name()
    reader.integers(4)
    name = reader.name()
    if name != _INPUT:
        raise _Damaged(f"damaged: its input is called {name!r}, not {_INPUT!r}")
    means = tuple(round(reader.floating(), 3) for _ in range(3))
    size = reader.integers(2)
    convention = DLIB_RESNET.convention
    if means != convention.mean or size != (convention.input_size,) * 2:
        raise _Damaged(f"damaged: its input is {size} minus {means}, not dlib's")


def _read_layer(reader: _Reader, number: int, layer: _Layer) -> np.ndarray | None:
    name = reader.name()
    where = f"layer {number} of {_LAYERS}"
    if name != layer.kind:
        raise _Damaged(
            f"damaged, or another of dlib's networks: {where} is called {name!r}, not "
            f"{layer.kind!r}"
        )
    fields, parameters = _FIELDS[name], None
    settings = reader.integers(fields.before)
    if fields.after is not None:
        parameters = reader.tensor()
        settings += reader.integers(fields.after)
    if settings[: len(layer.settings)] != layer.settings or (
        parameters is not None and len(parameters) != layer.count
    ):
        raise _Damaged(
            f"damaged, or another of dlib's networks: {where}, {name!r}, has other sizes than "
            f"dlib's"
        )
    reader.training_state()
    return parameters


def _named(parameters: list[tuple[_Layer, np.ndarray]]) -> StoredLayers:
    """Kernels [rows, columns, in, out] and biases, with the affine layers in them."""
    *convolutions, (_, matrix) = parameters
    names = [STEM.name]
    for block in itertools.chain(*GROUPS):
        names += [block.first.name, block.second.name]
    layers = {
        name: _with_affine(shape, filters, affine)
        for name, ((_, _, shape, _), filters), (_, affine) in zip(
            names, convolutions[::2], convolutions[1::2], strict=True
        )
    }
    shape = parameters[-1][0].shape
    layers["embedding"] = {"kernel": Stored(shape, lambda: matrix.reshape(shape))}
    return layers


def _with_affine(
    shape: tuple[int, ...], filters: np.ndarray, affine: np.ndarray
) -> dict[str, Stored]:
    channels, channels_in, rows, columns = shape
    scales, offsets = np.split(affine.astype(np.float64), 2)

    def kernel() -> np.ndarray:
        kernel = filters[:-channels].reshape(shape) * scales[:, None, None, None]
        return kernel.transpose(2, 3, 1, 0).astype(np.float32)

    def bias() -> np.ndarray:
        return (filters[-channels:] * scales + offsets).astype(np.float32)

    return {
        "kernel": Stored((rows, columns, channels_in, channels), kernel),
        "bias": Stored((channels,), bias),
    }


_LAYERS = sum(1 for _ in _expected())
