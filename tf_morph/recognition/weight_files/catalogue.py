"""The published weight files: where each is to be had, what it is called, where it is looked for.

Error lines and `tf_morph.recognition.inspect` take these facts from here. Licences are what the
official pages say; none of these files may be passed on with this project.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from tf_morph.config import INSTALLED_PREFIX, assets_path, how_to_get, how_to_install
from tf_morph.recognition.tfjs import known

FOLDER = "recognition"  # below the folder of the assets


class PublishedFile(NamedTuple):
    """One file the world has.

    Attributes:
      file_name: as it comes.
      architecture: the key in `ARCHITECTURES` of the network in it.
      what: the network and what it was trained on.
      official_page: where it is to be had; nothing is fetched from there by this project.
      licence: of the weights, as their publishers state it.
      commercial: what that means for commercial use.
      variant: arguments of the architecture's `build` that tell it from the others.
      installed: where it lies in the package that brings it, for `expand_path`; "" where none does.
    """

    file_name: str
    architecture: str
    what: str
    official_page: str
    licence: str
    commercial: str
    variant: Mapping[str, Any] = {}
    installed: str = ""

    @property
    def is_usual(self) -> bool:
        """Whether it has all layers that a network is usually asked for."""
        return self.variant.get("include_top", True)

    @property
    def place(self) -> str:
        """Where it is looked for, by a path that is portable in configs."""
        return self.installed or assets_path(FOLDER, self.file_name)

    @property
    def how_to_get(self) -> str:
        """What to do to have it, as the end of a sentence."""
        if self.installed:
            return how_to_install(self.installed)
        return how_to_get(self.file_name, self.official_page, self.place)


_KERAS_VGGFACE = "https://github.com/rcmalli/keras-vggface/releases/tag/v2.0"
_VGG_FACE = (
    "VGG-Face, 2,622 people",
    "non-commercial research, CC BY (www.robots.ox.ac.uk/~vgg/software/vgg_face)",
    "no",
)
_VGGFACE2 = (
    "CC BY-SA 4.0, as the list of photographs it was trained on (github.com/ox-vgg/vgg_face2)",
    "not settled: ask its authors",
)
_FACENET = "no licence of the weights' own; the code beside them is MIT"


def _keras_vggface(name: str, architecture: str, what: str, licence: str, commercial: str):
    return PublishedFile(name, architecture, what, _KERAS_VGGFACE, licence, commercial)


# The first of an architecture is the one looked for where no file is named.
CATALOGUE = (
    PublishedFile(
        "dlib_face_recognition_resnet_model_v1.dat",
        "dlib_resnet",
        "dlib's ResNet, about 3 million photographs of 7,485 people: FaceScrub, VGG and the web",
        "https://github.com/davisking/dlib-models",
        "CC0 (github.com/davisking/dlib-models)",
        "its licence allows it",
        installed=f"{INSTALLED_PREFIX}face_recognition_models/models/"
        "dlib_face_recognition_resnet_model_v1.dat",
    ),
    _keras_vggface("rcmalli_vggface_tf_vgg16.h5", "vgg16", *_VGG_FACE),
    _keras_vggface("rcmalli_vggface_tf_notop_vgg16.h5", "vgg16", *_VGG_FACE)._replace(
        variant={"include_top": False}
    ),
    PublishedFile(
        "vgg-face.mat",
        "vgg16",
        _VGG_FACE[0],
        "https://www.vlfeat.org/matconvnet/pretrained",
        *_VGG_FACE[1:],
    ),
    _keras_vggface(
        "rcmalli_vggface_tf_notop_resnet50.h5", "resnet50", "ResNet-50, VGGFace2", *_VGGFACE2
    ),
    _keras_vggface("rcmalli_vggface_tf_resnet50.h5", "resnet50", "ResNet-50, VGGFace2", *_VGGFACE2),
    _keras_vggface(
        "rcmalli_vggface_tf_notop_senet50.h5", "senet50", "SE-ResNet-50, VGGFace2", *_VGGFACE2
    ),
    _keras_vggface(
        "rcmalli_vggface_tf_senet50.h5", "senet50", "SE-ResNet-50, VGGFace2", *_VGGFACE2
    ),
    PublishedFile(
        "20180402-114759.pb",
        "inception_resnet_v1",
        "FaceNet's public Inception-ResNet-v1, 512-D, VGGFace2",
        "https://github.com/davidsandberg/facenet",
        _FACENET,
        "not settled: ask its author",
        {"embedding_size": 512},
    ),
    PublishedFile(
        "facenet_keras.h5",
        "inception_resnet_v1",
        "FaceNet's public Inception-ResNet-v1, 128-D, MS-Celeb-1M, converted to Keras",
        "https://github.com/nyoki-mtl/keras-facenet",
        "none is stated",
        "not settled: MS-Celeb-1M was for research and is withdrawn",
        {"embedding_size": 128},
    ),
)


def published_files(architecture: str) -> tuple[PublishedFile, ...]:
    """The files of an architecture, the usual one first; none for networks never published."""
    return tuple(file for file in CATALOGUE if file.architecture == architecture)


def by_file_name(path: PurePath | str) -> PublishedFile | None:
    """The published file of that name, wherever it lies; None for other names."""
    name = PurePath(path).name
    return next((file for file in CATALOGUE if file.file_name == name), None)


def nearest(path: PurePath, architecture: str, variant: Mapping[str, Any]) -> PublishedFile | None:
    """The published file that a file of an architecture is, by its name or else its variant."""
    published = by_file_name(path)
    if published is not None and published.architecture == architecture:
        return published
    files = published_files(architecture)
    alike = [file for file in files if file.variant.items() <= variant.items()]
    return max(alike, key=lambda file: len(file.variant), default=next(iter(files), None))


def fetch_again(path: PurePath | str) -> str:
    """What to do about a file that is not what its name promises."""
    published = by_file_name(path)
    return f"fetch it again from {published.official_page}" if published else "fetch it again"


def missing(path: PurePath | str, architecture: str = "") -> str:
    """The line for a weight file that is not there.

    Args:
      path: where it was looked for.
      architecture: the network wanted, where one was named.
    """
    in_package = known.by_file_name(PurePath(path).stem)
    if in_package is not None and PurePath(path).suffix == ".json":
        return f"{path}: no such file; {known.how_to_get()}"
    published = by_file_name(path)
    if published is None:
        others = published_files(architecture)
        published = others[0] if others else None
    return f"{path}: no such file; " + (
        published.how_to_get if published else "give a network's weight file (docs/assets.md)"
    )
