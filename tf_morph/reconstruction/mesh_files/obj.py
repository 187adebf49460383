"""OBJ: with a material and a texture beside it, or with vertex colours."""

from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.reconstruction.mesh import Mesh

_MATERIAL = "newmtl skin\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {texture}\n"


def write_obj(path: Path, mesh: Mesh) -> None:
    """Writes a head in mm.

    A textured one has `NAME.mtl` and `NAME.png` beside it; another its vertices' colours behind
    their places, sRGB-coded, as MeshLab and Blender read them.
    """
    opening, corner = "# millimetres; +Y up, +Z out of the face\n", "%d"
    if mesh.is_textured:
        opening += f"mtllib {_write_material(path, mesh.texture).name}\nusemtl skin\n"
        vertices = _lines("v %.4f %.4f %.4f", mesh.vertices) + _lines("vt %.6f %.6f", mesh.uv)
        corner = "%d/%d"
    else:
        colors = mesh.colors / np.float32(255)
        vertices = _lines("v" + " %.4f" * 6, np.hstack([mesh.vertices, colors]))
    numbers = np.repeat(mesh.triangles + 1, corner.count("%"), axis=1)
    faces = _lines(f"f {corner} {corner} {corner}", numbers)
    with whole_file(path) as temporary:
        temporary.write_text(opening + vertices + faces)


def _lines(form: str, rows: np.ndarray) -> str:
    # One formatting of all rows takes a third of the time that one a row does.
    return f"{form}\n" * len(rows) % tuple(rows.ravel().tolist())


def _write_material(path: Path, texture: np.ndarray) -> Path:
    picture, material = path.with_suffix(".png"), path.with_suffix(".mtl")
    with whole_file(picture) as temporary:
        Image.fromarray(texture).save(temporary, "PNG")
    with whole_file(material) as temporary:
        temporary.write_text(_MATERIAL.format(texture=picture.name))
    return material
