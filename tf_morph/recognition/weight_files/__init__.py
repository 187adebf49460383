"""Weight files as the world ships them, recognised by what is inside them."""

from tf_morph.recognition.weight_files.assignment import WeightFile, assign, read_weights
from tf_morph.recognition.weight_files.recognised import Recognised, recognise

__all__ = ["Recognised", "WeightFile", "assign", "read_weights", "recognise"]
