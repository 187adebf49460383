"""How a face stands, and how it is lit, in the photograph it was read from."""

from tf_morph.reconstruction.fitting.fit import ViewFitter
from tf_morph.reconstruction.fitting.view import FittedView

__all__ = ["FittedView", "ViewFitter"]
