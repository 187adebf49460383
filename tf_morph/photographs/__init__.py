"""Photographs in: folders of them, decoding, splitting by identity."""

from tf_morph.photographs.decode import LFW_FACE_CROP, LoadedPhotographs, load_photographs
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.split import split_identities

__all__ = [
    "LFW_FACE_CROP",
    "LoadedPhotographs",
    "Photographs",
    "list_photographs",
    "load_photographs",
    "split_identities",
]
