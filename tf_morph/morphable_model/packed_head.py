"""A face model in few bytes: modes of variation in whole steps of a fixed size, compressed.

The open head comes with the package in this form (open_head/), so that nobody has to build it.
"""

import dataclasses
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from tf_morph.array_cache import DAMAGES, read_npz
from tf_morph.atomic import whole_file
from tf_morph.errors import InputError
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.model import MorphableModel
from tf_morph.morphable_model.modes import basis_of_units

# Of 80 components, a vertex of a random face is off by some 0.02 mm, a colour by 0.3 of 255.
STEP_MM = 0.005
STEP_COLOR = 0.0005  # sRGB-coded, of 1
_MOST_BYTES = 64_000_000  # of one array; a header may claim anything
_ARRAYS = (
    *("shape_mean", "shape_modes", "shape_deviations"),
    *("color_mean", "color_modes", "color_deviations", "noise_variances"),
    *("expression_units", "triangles", "triangle_parts", "uvs", "uv_triangles"),
    *("landmark_points", "words"),
)


def write_packed(model: MorphableModel, path: Path, command: str) -> None:
    """Writes a model with named expressions, texture coordinates and parts, and its card.

    Args:
      model: what is off by STEP_MM / 2 of a standard deviation, or STEP_COLOR / 2, is lost.
      path: the .npz file; the card, of the same name in .json, says how it was made.
      command: that made it.
    """
    words = {
        "landmarks": list(model.landmarks),
        "expressions": list(model.expression_names),
        "parts": list(model.part_names),
        "attributes": dict(model.attributes),
        "name": model.name,
    }
    arrays = {
        "shape_mean": model.shape.mean,
        "shape_modes": _packed(model.shape, STEP_MM),
        "shape_deviations": model.shape.standard_deviations,
        "color_mean": model.color.mean,
        "color_modes": _packed(model.color, STEP_COLOR),
        "color_deviations": model.color.standard_deviations,
        "noise_variances": np.array([model.shape.noise_variance, model.color.noise_variance]),
        "expression_units": _packed(model.expression, STEP_MM),
        "triangles": model.triangles,
        "triangle_parts": model.triangle_parts.astype(np.int8),
        "uvs": model.uvs,
        "uv_triangles": model.uv_triangles,
        "landmark_points": np.stack(list(model.landmarks.values())),
        "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
    }
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)
    card = {
        "command": command,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "steps": {"mm": STEP_MM, "color": STEP_COLOR},
        **words["attributes"],
    }
    with whole_file(_card(path)) as temporary:
        temporary.write_text(json.dumps(card, indent=2) + "\n")


def read_packed(path: Path) -> MorphableModel:
    """The model in a file that `write_packed` wrote.

    Raises:
      InputError: the file or its card is missing, or it is not the file of its card.
    """
    try:
        digest = json.loads(_card(path).read_text())["sha256"]
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"it is not the file of {_card(path).name}")
        arrays = read_npz(io.BytesIO(content), _ARRAYS, _MOST_BYTES)
    except DAMAGES as error:
        raise InputError(
            f"{path}: missing or damaged ({error}); install the package again"
        ) from error
    words = json.loads(arrays["words"].tobytes())
    shape_noise, color_noise = map(float, arrays["noise_variances"])
    return MorphableModel(
        shape=_basis(arrays, "shape", STEP_MM, shape_noise),
        color=_basis(arrays, "color", STEP_COLOR, color_noise),
        expression=basis_of_units(_unpacked(arrays["expression_units"], STEP_MM)),
        expression_names=tuple(words["expressions"]),
        triangles=arrays["triangles"],
        triangle_parts=arrays["triangle_parts"],
        part_names=tuple(words["parts"]),
        uvs=arrays["uvs"],
        uv_triangles=arrays["uv_triangles"],
        landmarks=dict(zip(words["landmarks"], arrays["landmark_points"], strict=True)),
        attributes=words["attributes"],
        name=words["name"],
    )


def _card(path: Path) -> Path:
    return path.with_suffix(".json")


def _packed(basis: LinearBasis, step: float) -> np.ndarray:
    """int16 [K, 3, V]: the basis' modes in steps; what lies side by side is alike."""
    modes = (basis.basis * basis.standard_deviations).T.reshape(basis.num_components, -1, 3)
    steps = np.rint(modes.transpose(0, 2, 1) / step)
    if np.abs(steps).max(initial=0) > np.iinfo(np.int16).max:
        raise InputError(f"a mode reaches further than {step * np.iinfo(np.int16).max:g}")
    return steps.astype(np.int16)


def _basis(arrays, name: str, step: float, noise_variance: float) -> LinearBasis:
    # Of unit length, but for the modes' own lengths, which rounding has changed by a hair.
    return dataclasses.replace(
        basis_of_units(_unpacked(arrays[f"{name}_modes"], step)),
        mean=arrays[f"{name}_mean"],
        standard_deviations=arrays[f"{name}_deviations"],
        noise_variance=noise_variance,
    )


def _unpacked(steps: np.ndarray, step: float) -> np.ndarray:
    """float32 [K, V, 3]."""
    return np.ascontiguousarray(steps.transpose(0, 2, 1)) * np.float32(step)
