"""Photographs and renderings in, identity features out."""

from tf_morph.recognition.feature_computation import compute_features
from tf_morph.recognition.load import load_network
from tf_morph.recognition.network import InputConvention, RecognitionNetwork

__all__ = ["InputConvention", "RecognitionNetwork", "compute_features", "load_network"]
