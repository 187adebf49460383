"""A face to turn by hand: a mesh with vertex colours inside the page."""

import base64
from pathlib import Path

import numpy as np
import trimesh

from tf_morph.regression.run_page.markup import Html, element, joined, json_script

_MOST_VERTICES = 30_000  # larger meshes would make the page too large
_STEPS = 65_535  # a coordinate's: 16 bits over the mesh's longest side


def face_viewer(path: Path) -> Html | None:
    """The mesh in a PLY file; None where there is none to be read, or it is too large."""
    mesh = _read(path)
    if mesh is None:
        return None
    vertices, colors, triangles = mesh
    low = vertices.min(axis=0)
    scale = float((vertices - low).max()) or 1.0
    data = {
        "size": [float(side) for side in (vertices.max(axis=0) - low) / scale],
        "positions": _coded(np.round((vertices - low) / scale * _STEPS), "<u2"),
        "colors": _coded(colors, "u1"),
        "triangles": _coded(triangles, "<u2"),
    }
    canvas = element(
        "canvas",
        id="face",
        width=720,
        height=800,
        tabindex=0,
        role="img",
        aria_label="a face in three dimensions; turn it by dragging, or by the arrow keys",
    )
    note = "Drag it, or use the arrow keys. The first person of the sheet above."
    return joined((canvas, element("p", note, id="face-note"), json_script("face-mesh", data)))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    try:
        mesh = trimesh.load_mesh(path, process=False)
        vertices = np.asarray(mesh.vertices, np.float64)
        colors = np.asarray(mesh.visual.vertex_colors, np.uint8)[:, :3]
        triangles = np.asarray(mesh.faces)
    except Exception:  # noqa: BLE001
        # A file that is missing, half there or no mesh fails in as many ways as trimesh has
        # readers, and a page without a face is better than none.
        return None
    fits = 0 < len(vertices) <= _MOST_VERTICES and len(triangles) and np.isfinite(vertices).all()
    return (vertices, colors, triangles) if fits and len(colors) == len(vertices) else None


def _coded(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()
