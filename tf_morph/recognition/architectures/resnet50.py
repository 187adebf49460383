"""VGGFace2's ResNet-50 (Cao et al. 2018)."""

import functools

from tf_morph.recognition.architectures.architecture import Architecture
from tf_morph.recognition.architectures.residual import (
    CLASSES,
    VGGFACE2_CONVENTION,
    build_residual,
)

RESNET50 = Architecture(
    name="resnet50",
    build=functools.partial(build_residual, "resnet50", epsilon=1e-3),  # Keras' own
    convention=VGGFACE2_CONVENTION,
    variant={"include_top": False, "classes": CLASSES},
    outputs=("pooled",),
    source="Cao et al. 2018, VGGFace2; github.com/rcmalli/keras-vggface 0.6",
)
