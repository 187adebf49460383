"""What a config may name as its face model, each kind with how it is told and read."""

from collections.abc import Callable
from typing import NamedTuple

from tf_morph.config import expand_path
from tf_morph.morphable_model import gnm, ict_facekit, makehuman
from tf_morph.morphable_model.model import MorphableModel


class Source(NamedTuple):
    """One kind of face model.

    Attributes:
      takes: whether a place, as the config has it, is of this kind.
      load: reads or makes the model of such a place; raises `InputError` where it cannot.
      is_converted: it is made by work of seconds or more, so that a run keeps the result.
      is_path: a place is a file or folder, that must be there; else a name.
    """

    takes: Callable[[str], bool]
    load: Callable[[str], MorphableModel]
    is_converted: bool = True
    is_path: bool = True


SOURCES = (  # the first that takes a place reads it
    Source(
        takes=lambda place: place == makehuman.NAME,
        load=lambda place: makehuman.shipped_open_head(),
        is_path=False,
    ),
    Source(
        takes=lambda place: place.endswith(".npz"),
        load=lambda place: gnm.convert_for_run(expand_path(place)),
    ),
    Source(
        takes=lambda place: place.endswith(".zip") or expand_path(place).is_dir(),
        load=lambda place: ict_facekit.convert(expand_path(place)),
    ),
    Source(
        takes=lambda place: True,
        load=lambda place: MorphableModel.load(expand_path(place)),
        is_converted=False,
    ),
)


def source_of(place: str) -> Source:
    """The kind of a face model by the place that a config names: its `face_model.path`.

    Raises:
      InputError: the place is below a folder of assets that is not set (`expand_path`).
    """
    return next(source for source in SOURCES if source.takes(place))


def load_face_model(place: str) -> MorphableModel:
    """The face model a config names by its `face_model.path`: "makehuman", the open head; a file in
    the Basel layout, a folder or zip of ICT-FaceKit, GNM Head's npz with its landmarks beside it.

    Raises:
      InputError: there is no such file, or it is no face model.
    """
    return source_of(place).load(place)
