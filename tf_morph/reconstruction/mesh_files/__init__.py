"""Meshes written to files: by the suffix of the file's name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tf_morph.errors import InputError
from tf_morph.reconstruction.mesh import Mesh
from tf_morph.reconstruction.mesh_files.glb import write_glb
from tf_morph.reconstruction.mesh_files.obj import write_obj
from tf_morph.reconstruction.mesh_files.ply import write_ply

WRITERS: Mapping[str, Callable[[Path, Mesh, Mesh | None], None]] = MappingProxyType(
    {".glb": write_glb, ".obj": write_obj, ".ply": write_ply}
)


def write_mesh(path: str | Path, mesh: Mesh, hair: Mesh | None = None) -> None:
    """Writes a head, whole or not at all; GLB in metres, as it has to be, OBJ and PLY in mm.

    Args:
      path: of the file, by whose suffix it is written; its folder is made.
      mesh: the head.
      hair: around it, without a texture: a part with a material of its own.

    Raises:
      InputError: another suffix.
      OSError: it cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITERS:
        raise InputError(f"{path}: no mesh by its name; name a file of {', '.join(WRITERS)}")
    WRITERS[path.suffix.lower()](path, mesh, hair)


__all__ = ["WRITERS", "write_mesh"]
