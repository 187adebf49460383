"""What a record of a shard holds: `tf.train.Example`s, one a photograph in each of two files.

Images: `image` PNG bytes, uint8 [S, S, 3] sRGB-coded RGB; `path`, `identity` UTF-8. Features:
`NUMBER/OUTPUT` for each network of the manifest and each output kept of it, V * D float32: of the
photograph and, where V is 2, of its mirror image.
"""

import io
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from PIL import Image

from tf_morph.photographs.prepared.recipe import Recipe

# Of a record as TensorFlow frames it: length 8, its checksum 4, the record, its checksum 4.
_LENGTH_BYTES, _HEADER_BYTES, FRAME_BYTES = 8, 12, 16
_PNG_LEVEL = 1  # quick: a tenth larger than the best
LAYOUT = {
    "format": "TFRecord of tf.train.Example, not compressed",
    "images": {
        "image": "bytes: PNG, uint8 [size, size, 3] sRGB-coded RGB",
        "path": "bytes: UTF-8, relative to source",
        "identity": "bytes: UTF-8",
    },
    "features": {
        "NUMBER/OUTPUT": "float32 [variants, length]: output OUTPUT of networks[NUMBER], counted "
        "from 0, of the photograph and, where mirrored, of its mirror image"
    },
}


def image_record(image: np.ndarray, path: str, identity: str) -> bytes:
    """A photograph's record in the file of images; `image` is uint8 [S, S, 3]."""
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG", compress_level=_PNG_LEVEL)
    parts = {"image": png.getvalue(), "path": _encoded(path), "identity": _encoded(identity)}
    return _example({name: _bytes(value) for name, value in parts.items()})


def feature_record(features: Mapping[str, np.ndarray]) -> bytes:
    """A photograph's record in the file of features, from {key: float32 [V, D]}."""
    return _example(
        {
            key: tf.train.Feature(float_list=tf.train.FloatList(value=values.ravel()))
            for key, values in features.items()
        }
    )


def parse_features(records: tf.Tensor, recipe: Recipe) -> dict[str, tf.Tensor]:
    """{key: float32 [R, V, D]} of R feature records, a string tensor [R]."""
    spec = {
        key: tf.io.FixedLenFeature([recipe.variants, size], tf.float32)
        for key, size in recipe.feature_sizes.items()
    }
    return tf.io.parse_example(records, spec)


def read_image(path: str, offset: int) -> np.ndarray:
    """The image uint8 [S, S, 3] of the record that begins at byte `offset` of a file of images.

    Raises:
      ValueError: there is no whole record there.
      OSError: the file cannot be read, or its PNG is damaged.
    """
    with open(path, "rb") as file:
        file.seek(offset)
        header = file.read(_HEADER_BYTES)
        length = int.from_bytes(header[:_LENGTH_BYTES], "little")
        record = file.read(length) if len(header) == _HEADER_BYTES else b""
    if not record or len(record) != length:
        raise ValueError(f"no whole record at byte {offset}")
    try:
        example = tf.train.Example.FromString(record)
        png = example.features.feature["image"].bytes_list.value[0]
    except Exception as error:  # protobuf's own errors, or no image in it
        raise ValueError(f"no photograph in the record at byte {offset}") from error
    return np.asarray(Image.open(io.BytesIO(png)))


def _example(features: Mapping[str, tf.train.Feature]) -> bytes:
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
