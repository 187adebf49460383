"""OBJ: with a material and a texture beside it, or with vertex colours."""

from pathlib import Path

import numpy as np
from PIL import Image

from tf_morph.atomic import whole_file
from tf_morph.reconstruction.mesh import Mesh

_SKIN = "newmtl skin\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {texture}\n"
_HAIR = "newmtl hair\nKa 1 1 1\nKd {color}\nKs 0 0 0\nillum 1\n"


def write_obj(path: Path, mesh: Mesh, hair: Mesh | None = None) -> None:
    """Writes a head in mm; hair behind it as an object of its own.

    A textured one has `NAME.mtl` and `NAME.png` beside it; another its vertices' colours behind
    their places, sRGB-coded, as MeshLab and Blender read them.
    """
    parts = ["# millimetres; +Y up, +Z out of the face\n"]
    if mesh.is_textured:
        parts += [f"mtllib {_write_material(path, mesh.texture, hair).name}\n"]
    parts += ["o head\n", *_textured(mesh)] if mesh.is_textured else ["o head\n", *_colored(mesh)]
    if hair is not None:
        parts += ["o hair\n", "usemtl hair\n" if mesh.is_textured else ""]
        parts += _colored(hair, first=len(mesh.vertices) + 1)
    with whole_file(path) as temporary:
        temporary.write_text("".join(parts))


def _textured(mesh: Mesh) -> list[str]:
    places = _lines("v %.4f %.4f %.4f", mesh.vertices), _lines("vt %.6f %.6f", mesh.uv)
    numbers = np.repeat(mesh.triangles + 1, 2, axis=1)
    return ["usemtl skin\n", *places, _lines("f %d/%d %d/%d %d/%d", numbers)]


def _colored(mesh: Mesh, first: int = 1) -> list[str]:
    """`first`: the number of its first vertex in the file."""
    rows = np.hstack([mesh.vertices, mesh.colors / np.float32(255)])
    return [_lines("v" + " %.4f" * 6, rows), _lines("f %d %d %d", mesh.triangles + first)]


def _lines(form: str, rows: np.ndarray) -> str:
    # One formatting of all rows takes a third of the time that one a row does.
    return f"{form}\n" * len(rows) % tuple(rows.ravel().tolist())


def _write_material(path: Path, texture: np.ndarray, hair: Mesh | None) -> Path:
    picture, material = path.with_suffix(".png"), path.with_suffix(".mtl")
    with whole_file(picture) as temporary:
        Image.fromarray(texture).save(temporary, "PNG")
    words = _SKIN.format(texture=picture.name)
    if hair is not None:
        color = hair.colors.mean(axis=0) / 255.0
        words += _HAIR.format(color="{:.4f} {:.4f} {:.4f}".format(*color))
    with whole_file(material) as temporary:
        temporary.write_text(words)
    return material
