"""VGG-Face (Parkhi et al. 2015, network A of table 3; VGG's D, 16 layers), with a width."""

import keras

from tf_morph.errors import InputError
from tf_morph.recognition.layers import SeededLayers, scaled_channels

# Channels and number of the 3x3 convolutions of each block; a maximum of 2x2 ends it.
_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
_CONNECTED = (4096, 4096)  # fc6, fc7


def build_vgg_face(
    *,
    width: float = 1.0,
    input_size: int = 224,
    embedding_size: int = 1024,
    pooling: str = "flatten",
    batch_normalization: bool = False,
    first_stride: int = 1,
    seed: int = 0,
) -> keras.Model:
    """An untrained VGG-Face; by default the paper's, its last layer the paper's triplet embedding.

    Args:
      width: factor of the paper's channels and of the units of fc6 and fc7.
      input_size: height and width of the pictures, pixels, at least 32 times `first_stride`.
      embedding_size: length of the embedding, a linear layer on fc7.
      pooling: of the last map, before fc6, one of `POOLINGS`; the paper's is "flatten".
      batch_normalization: after every convolution and fully connected layer. The published
        network has none; thin ones need it to train in minutes.
      first_stride: of the first convolution; 2 makes a step four times cheaper.
      seed: of the initial weights.

    Returns:
      image [B, S, S, 3] sRGB-coded RGB in 0..255 -> {"embedding": [B, D], "pooled": [B, P]},
      float32, neither normalised; `pooled` is fc7, rectified.

    Raises:
      InputError: the pictures are too small to be halved by every block.
    """
    least = first_stride * 2 ** len(_BLOCKS)
    if input_size < least:
        raise InputError(
            f"VGG-Face with a first stride of {first_stride} takes pictures of {least} pixels or "
            f"more, not of {input_size}"
        )
    layers = SeededLayers(seed, batch_normalization)
    image, x = layers.image(input_size)
    stride = first_stride
    for channels, convolutions in _BLOCKS:
        for _ in range(convolutions):
            x = layers.convolved(x, scaled_channels(channels, width), 3, stride)
            stride = 1
        x = keras.layers.MaxPooling2D()(x)
    x = layers.pooled(x, pooling)
    for units in _CONNECTED:
        x = layers.connected(x, scaled_channels(units, width))
    pooled = keras.layers.Identity(name="pooled")(x)
    embedding = layers.embedded(pooled, embedding_size)
    return keras.Model(image, {"embedding": embedding, "pooled": pooled}, name="vgg_face")
