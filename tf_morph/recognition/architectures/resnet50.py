"""VGGFace2's ResNet-50 (Cao et al. 2018)."""

import keras

from tf_morph.recognition.architectures.architecture import Architecture
from tf_morph.recognition.architectures.residual import (
    CLASSES,
    VGGFACE2_CONVENTION,
    build_residual,
)


def build_resnet50(
    *,
    include_top: bool = False,
    classes: int = CLASSES,
    width: float = 1.0,
    input_size: int = 224,
) -> keras.Model:
    """See `build_residual`; normalisations with Keras' own epsilon."""
    return build_residual(
        "resnet50",
        include_top=include_top,
        classes=classes,
        width=width,
        input_size=input_size,
        epsilon=1e-3,
    )


RESNET50 = Architecture(
    name="resnet50",
    build=build_resnet50,
    convention=VGGFACE2_CONVENTION,
    variant={"include_top": False, "classes": CLASSES},
    outputs=("pooled",),
    source="Cao et al. 2018, VGGFace2; github.com/rcmalli/keras-vggface 0.6",
)
