"""What kind of file a weight file is, by its first bytes; what is none is named for what it is."""

import zipfile
from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.recognition.weight_files import catalogue, dlib_file

KERAS_HDF5 = "hdf5"
KERAS_ARCHIVE = "keras"
MATLAB = "matlab"
DLIB = "dlib"
FROZEN_GRAPH = "frozen_graph"
SAVED_MODEL = "saved_model"
TFJS = "tfjs"

_HEAD = 1024  # bytes
_HDF5 = b"\x89HDF\r\n\x1a\n"
_MATLAB_5, _MATLAB_HDF5 = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"
_ZIP = b"PK"
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in (2, 3, 4, 5))
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
}
_WEB_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml")
_GIT_LFS = b"version https://git-lfs"


def file_kind(path: Path) -> str:
    """One of the kinds above; a file that is none of the others may be a frozen graph.

    Raises:
      InputError: no such file, a folder that is no SavedModel, a download that failed, or a file
        that has to be unpacked or that would have to be unpickled.
    """
    if path.is_dir():
        return _folder_kind(path)
    if not path.exists():
        raise InputError(catalogue.missing(path))
    if not path.is_file():
        raise InputError(f"{path}: neither a file nor a folder; give a network's")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _refuse_failed_downloads(path, head)
    if head.startswith(_HDF5):
        return KERAS_HDF5
    if head.startswith(_MATLAB_5):
        return MATLAB
    if dlib_file.is_dlib(head):
        return DLIB
    if head.startswith(_ZIP):
        return _zip_kind(path)
    if _text(head).startswith(b"{"):
        return TFJS
    _refuse_others(path, head)
    return FROZEN_GRAPH


def _folder_kind(path: Path) -> str:
    if (path / "saved_model.pb").is_file():
        return SAVED_MODEL
    raise InputError(
        f"{path}: a folder without saved_model.pb; give a SavedModel's folder or a weight file"
    )


def _refuse_failed_downloads(path: Path, head: bytes) -> None:
    text = _text(head).lower()
    if not head.strip(b"\0"):
        what = "empty" if not head else "nothing but zeros at its beginning"
    elif text.startswith(_WEB_PAGE):
        what = "a web page, not a weight file"
    elif text.startswith(_GIT_LFS):
        what = "a git-lfs pointer, not the file it points to (`git lfs pull` gets that)"
    else:
        return
    raise InputError(f"{path}: {what}; {catalogue.fetch_again(path)}")


def _text(head: bytes) -> bytes:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def _zip_kind(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: only a part of a file; {catalogue.fetch_again(path)}")
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
    if "config.json" in names and "model.weights.h5" in names:
        return KERAS_ARCHIVE
    if any(name.endswith("data.pkl") for name in names):
        raise InputError(_pickled(path))
    raise InputError(
        f"{path}: an archive of {', '.join(names[:3])} …; unpack it and give a file of it"
    )


def _refuse_others(path: Path, head: bytes) -> None:
    if head.startswith(_MATLAB_HDF5):
        raise InputError(f"{path}: a MATLAB file of version 7.3; save it in MATLAB with '-v7'")
    if head.startswith(_PICKLES):
        raise InputError(_pickled(path))
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise InputError(f"{path}: packed ({name}); unpack it and give a file of it")
    if path.name == "saved_model.pb":
        raise InputError(f"{path}: part of a SavedModel; give its folder, {path.parent}")


def _pickled(path: Path) -> str:
    return (
        f"{path}: holds Python objects (a pickle or PyTorch file), which are never opened here; "
        "give the network's Keras, MatConvNet or TensorFlow file"
    )
