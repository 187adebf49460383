"""The face models the world has: where each is to be had, what it is called, where it is put.

This project brings none of them; the Basel models may not be passed on.
"""

from pathlib import PurePath
from typing import NamedTuple

from tf_morph.config import assets_path, how_to_get
from tf_morph.morphable_model.gnm_files import PAGE as GNM_PAGE
from tf_morph.morphable_model.ict_files import PAGE as ICT_FACEKIT_PAGE

FOLDER = "morphable"  # below the folder of the assets
BASEL_PAGE = "https://faces.dmi.unibas.ch"
_BASEL_LICENCE = "by agreement with the University of Basel; not to be passed on"


class OfficialModel(NamedTuple):
    """One face model, a file or a folder.

    Attributes:
      file_name: as it comes.
      what: the model.
      official_page: where it is to be had; nothing is fetched from there by this project.
      licence: as its publishers state it.
    """

    file_name: str
    what: str
    official_page: str
    licence: str

    @property
    def place(self) -> str:
        """Where configs look for it, by a portable path."""
        return assets_path(FOLDER, self.file_name)

    @property
    def how_to_get(self) -> str:
        """What to do to have it, as the end of a sentence."""
        return how_to_get(self.file_name, self.official_page, self.place)


def _basel(file_name: str, what: str) -> OfficialModel:
    return OfficialModel(file_name, f"Basel Face Model {what}", BASEL_PAGE, _BASEL_LICENCE)


OFFICIAL_MODELS = (
    _basel("model2017-1_bfm_nomouth.h5", "2017"),
    _basel("model2017-1_face12_nomouth.h5", "2017, the face alone"),
    _basel("model2019_bfm.h5", "2019"),
    _basel("model2019_face12.h5", "2019, the face alone"),
    _basel("model2019_fullHead.h5", "2019, the whole head"),
    OfficialModel("ICT-FaceKit", "ICT-FaceKit, light", ICT_FACEKIT_PAGE, "MIT"),
    OfficialModel("gnm_head.npz", "GNM Head 3", GNM_PAGE, "Apache-2.0"),
)
BASEL_2017 = OFFICIAL_MODELS[0]


def missing(path: PurePath | str) -> str:
    """The line for a face model that is not there, by the name it should have."""
    name = PurePath(path).name
    published = next((model for model in OFFICIAL_MODELS if model.file_name == name), None)
    if published:
        return f"{path}: no such file; {published.how_to_get}"
    if name.startswith(("model2017", "model2019")):
        return (
            f"{path}: no such file; ask for the Basel Face Model at {BASEL_PAGE} and put its file "
            f"there under the name it comes with, such as {BASEL_2017.file_name}"
        )
    return (
        f"{path}: no such file; give the HDF5 file of a morphable model, ICT-FaceKit's folder "
        f"({ICT_FACEKIT_PAGE}), or GNM Head's npz ({GNM_PAGE})"
    )
