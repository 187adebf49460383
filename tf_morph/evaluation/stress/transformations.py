"""All built-in ways to make a photograph hard."""

from tf_morph.evaluation.stress.art import ART
from tf_morph.evaluation.stress.degradation import DEGRADATION
from tf_morph.evaluation.stress.light import LIGHT
from tf_morph.evaluation.stress.occlusion import OCCLUSION
from tf_morph.evaluation.stress.turn import TURN

TRANSFORMATIONS = (*LIGHT, *TURN, *OCCLUSION, *DEGRADATION, *ART)
