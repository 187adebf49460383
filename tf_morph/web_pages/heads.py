"""Heads to turn by hand: meshes with vertex colours inside a page, drawn by `heads.js`."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh

from tf_morph.web_pages.document import resource
from tf_morph.web_pages.markup import Html, element, joined, json_script

MOST_VERTICES = 30_000  # larger meshes would make the page too large
_STEPS = 65_535  # a coordinate's: 16 bits over the mesh's longest side


class Mesh(NamedTuple):
    """Vertices [V, 3], colors [V, 3] uint8 sRGB, triangles [T, 3]."""

    vertices: np.ndarray
    colors: np.ndarray
    triangles: np.ndarray


def read_mesh(path: Path) -> Mesh | None:
    """The mesh in a PLY file; None where there is none with colours to be read."""
    try:
        mesh = trimesh.load_mesh(path, process=False)
        vertices = np.asarray(mesh.vertices, np.float64)
        colors = np.asarray(mesh.visual.vertex_colors, np.uint8)[:, :3]
        triangles = np.asarray(mesh.faces)
    except Exception:  # noqa: BLE001
        # A file that is missing, half there or no mesh fails in as many ways as trimesh has
        # readers, and a page without a face is better than none.
        return None
    fits = len(vertices) and len(triangles) and np.isfinite(vertices).all()
    return Mesh(vertices, colors, triangles) if fits and len(colors) == len(vertices) else None


class HeadViewers:
    """The heads of one page; those of the same triangles share them."""

    def __init__(self):
        self._count = 0
        self._triangles: dict[bytes, str] = {}

    def viewer(self, mesh: Mesh | None, label: str) -> Html | None:
        """A head to turn; None without a mesh, or of one too large.

        Args:
          label: what it shows, for who cannot see it.
        """
        if mesh is None or len(mesh.vertices) > MOST_VERTICES:
            return None
        triangles, script = self._shared(mesh.triangles)
        self._count += 1
        low = mesh.vertices.min(axis=0)
        scale = float((mesh.vertices - low).max()) or 1.0
        data = {
            "size": [float(side) for side in (mesh.vertices.max(axis=0) - low) / scale],
            "positions": _coded(np.round((mesh.vertices - low) / scale * _STEPS), "<u2"),
            "colors": _coded(mesh.colors, "u1"),
            "triangles": triangles,
        }
        name = f"head-{self._count}"
        return joined((_canvas(name, label), script, json_script(name, data)))

    def _shared(self, triangles: np.ndarray) -> tuple[str, Html | None]:
        """The name of the script that holds the triangles, and that script if it is new."""
        coded = _coded(triangles, "<u2")
        digest = hashlib.sha256(coded.encode()).digest()
        if digest in self._triangles:
            return self._triangles[digest], None
        name = f"triangles-{len(self._triangles) + 1}"
        self._triangles[digest] = name
        return name, json_script(name, coded)


def viewer_script() -> Html:
    """What turns the heads of a page."""
    return Html(resource(__package__, "heads.js"))


def _canvas(name: str, label: str) -> Html:
    return element(
        "canvas",
        class_="head",
        width=720,
        height=800,
        tabindex=0,
        role="img",
        data_mesh=name,
        aria_label=f"{label}, in three dimensions; turn it by dragging, or by the arrow keys",
    )


def _coded(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()
