"""The published weight files are named alike in error lines and in the documents."""

from pathlib import Path

from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.weight_files import catalogue

ASSETS = "$TF_MORPH_ASSETS/recognition"
DOCUMENT = Path(__file__).parents[2] / "docs" / "assets.md"


def test_the_document_s_table_is_the_catalogue():
    rows = [
        f"| `{file.file_name}` | `{file.architecture}` | {file.what} | "
        f"{file.official_page.removeprefix('https://')} | {file.licence} | {file.commercial} |"
        for file in catalogue.CATALOGUE
    ]
    assert "\n".join(rows) in DOCUMENT.read_text()


def test_every_file_is_of_a_network_that_is_defined():
    for file in catalogue.CATALOGUE:
        assert file.variant.keys() <= ARCHITECTURES[file.architecture].variant.keys()
        folder = "installed:face_recognition_models/models" if file.installed else ASSETS
        assert file.place == f"{folder}/{file.file_name}"
        assert file.official_page.startswith("https://")
    assert catalogue.published_files("facenet_nn2") == ()


def test_what_to_do_about_a_file_is_told_by_its_name_or_network():
    page = "https://www.vlfeat.org/matconvnet/pretrained"
    assert catalogue.fetch_again("/any/vgg-face.mat") == f"fetch it again from {page}"
    assert catalogue.fetch_again("other.mat") == "fetch it again"
    assert "rcmalli_vggface_tf_notop_resnet50.h5" in catalogue.missing("a.h5", "resnet50")
    nearest = catalogue.nearest(Path("mine.h5"), "vgg16", {"include_top": False})
    assert nearest.file_name == "rcmalli_vggface_tf_notop_vgg16.h5"
    nearest = catalogue.nearest(Path("a.h5"), "inception_resnet_v1", {"embedding_size": 128})
    assert nearest.file_name == "facenet_keras.h5"
