"""What faces do in photographs: most rest or smile, some speak, few blink."""

from collections.abc import Sequence

import numpy as np

# How often a photograph shows each, of faces that do something at all (ours).
_KINDS, _SHARES = ("smile", "speech", "other"), (0.5, 0.2, 0.3)
_RESTING_SHARE = 0.3
_BLINK_SHARE = 0.03
_MOST_OTHERS = 3  # units at once
_SIDES = ("Left", "Right")
# No unit that is but seldom seen, or that makes sense with another one only.
_SELDOM = ("tongueOut", "mouthClose", "jawForward", "cheekPuff", "noseSneer", "eyeBlink", "eyeLook")


def random_expression(names: Sequence[str], generator: np.random.Generator) -> np.ndarray:
    """Strengths of a face's named units, float32 [M], 1 being a full one.

    Args:
      names: [M] of ARKit's units; those that are not among them are left out.
      generator: of everything random; draws as often whatever the names.
    """
    strengths = dict.fromkeys(names, 0.0)

    def add(unit: str, strength: float) -> None:
        """A unit of both sides is nearly as strong on either."""
        for name in (unit, *(unit + side for side in _SIDES)):
            uneven = 1.0 + 0.12 * generator.standard_normal()
            if name in strengths:
                strengths[name] += max(strength * uneven, 0.0)

    kind = generator.choice(_KINDS, p=_SHARES)
    if generator.uniform() > _RESTING_SHARE:
        {"smile": _smile, "speech": _speech, "other": _others}[kind](names, add, generator)
    if generator.uniform() < _BLINK_SHARE:
        add("eyeBlink", generator.uniform(0.5, 0.9))
    _look(add, generator)
    return np.array([min(strengths[name], 1.0) for name in names], np.float32)


def _smile(names, add, generator) -> None:
    strength = generator.uniform(0.25, 0.85)
    add("mouthSmile", strength)
    add("cheekSquint", strength * generator.uniform(0.2, 0.7))
    add("eyeSquint", strength * generator.uniform(0.0, 0.4))
    if generator.uniform() < 0.5:  # with teeth
        add("mouthUpperUp", generator.uniform(0.15, 0.45))
        add("mouthLowerDown", generator.uniform(0.05, 0.35))
        add("jawOpen", generator.uniform(0.02, 0.15))


def _speech(names, add, generator) -> None:
    add("jawOpen", generator.uniform(0.05, 0.35))
    rounded = generator.choice(["mouthFunnel", "mouthPucker", "mouthStretch", "mouthShrugUpper"])
    add(rounded, generator.uniform(0.0, 0.35))
    add("browInnerUp", generator.uniform(0.0, 0.4))


def _others(names, add, generator) -> None:
    units = dict.fromkeys(name.removesuffix("Left").removesuffix("Right") for name in names)
    usual = [unit for unit in units if not unit.startswith(_SELDOM)]
    for unit in generator.permutation(usual)[: generator.integers(1, _MOST_OTHERS + 1)]:
        add(unit, generator.uniform(0.15, 0.5))


def _look(add, generator) -> None:
    """Both eyes the same way, most of them nearly into the camera."""
    sideways, upwards = 0.12 * generator.standard_normal(2)
    right, left = ("Out", "In") if sideways < 0 else ("In", "Out")
    add(f"eyeLook{right}Right", abs(sideways))
    add(f"eyeLook{left}Left", abs(sideways))
    add("eyeLookUp" if upwards > 0 else "eyeLookDown", abs(upwards))
