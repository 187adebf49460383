"""What the page asks for: heads of photographs, drawings over them, files."""

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.hairstyles import NO_HAIR
from tf_morph.reconstruction.face_files import COEFFICIENTS, MESHES, STEM
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.mesh_files import write_mesh
from tf_morph.reconstruction.photographed import photographed
from tf_morph.reconstruction.regressor import Regressor
from tf_morph.web_pages.pictures import data_address

FILES = {"glb": "model/gltf-binary", "obj": "model/obj", "ply": "application/octet-stream"}
FILES |= {COEFFICIENTS: "application/json"}
_SHOWN_SIDE = 720  # pixels of the photograph with the head drawn over it


def head_of(regressor: Regressor, photograph: Image.Image) -> dict:
    """Coefficients and the face's picture, as JSON has it.

    Raises:
      InputError: the photograph shows no face.
    """
    face = regressor.reconstruct(photograph)
    ((_, picture),) = photographed(face, photograph)
    return {
        "shape": face.shape.tolist(),
        "texture": face.texture.tolist(),
        "picture": _address(Image.fromarray(picture)),
    }


def overlay_of(regressor: Regressor, photograph: Image.Image) -> dict:
    """The photograph with the head drawn over it, and what was fitted, as JSON has it.

    Raises:
      InputError: the photograph shows no face.
    """
    face = regressor.reconstruct(photograph, fit=True)
    overlay = regressor.overlay(photograph, face)
    overlay.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    yaw, pitch, roll = np.degrees(face.fitted.yaw_pitch_roll)
    error = face.fitted.landmark_error
    words = f"yaw {yaw:.0f}°, pitch {pitch:.0f}°, roll {roll:.0f}°; its eyes, nose and mouth are "
    words += f"off by {error:.1f} % of the distance between the eyes"
    return {"picture": _address(overlay), "words": words}


def file_of(
    regressor: Regressor, kind: str, coefficients: Mapping[str, np.ndarray], hair: str = NO_HAIR
) -> bytes:
    """The content of a file, of all the model's vertices.

    Args:
      kind: of `FILES`.
      coefficients: name to float32 [K], standard deviations.
      hair: of `HAIR_CHOICES`, around meshes.
    """
    if kind not in MESHES:
        listed = {name: np.round(c.astype(float), 6).tolist() for name, c in coefficients.items()}
        described = {
            "run": regressor.name,
            "hair": hair,
            "units": "standard deviations of the face model",
        }
        return (json.dumps(described | listed, indent=1) + "\n").encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{STEM}.{kind}"
        head = _mesh(regressor, **coefficients)
        dressed = regressor.hairdresser.dress(head, hair) if hair != NO_HAIR else (head,)
        write_mesh(path, *dressed)
        return path.read_bytes()


def _mesh(regressor: Regressor, shape, texture, expression=None) -> Mesh:
    model = regressor.model
    vertices = model.vertices(shape, expression).numpy()
    colors = np.round(255.0 * np.clip(model.albedo(texture).numpy(), 0.0, 1.0)).astype(np.uint8)
    return Mesh(vertices, colors, model.triangles)


def _address(picture: Image.Image) -> str:
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=88)
    return data_address("image/jpeg", coded.getvalue())
