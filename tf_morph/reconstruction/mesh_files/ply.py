"""PLY, binary, with vertex colours."""

from pathlib import Path

import trimesh

from tf_morph.atomic import whole_file
from tf_morph.reconstruction.mesh import Mesh, joined


def write_ply(path: Path, mesh: Mesh, hair: Mesh | None = None) -> None:
    """Writes a head in mm, its vertices' colours sRGB-coded; hair's behind the head's own."""
    mesh = joined(mesh, hair)
    head = trimesh.Trimesh(
        mesh.vertices, mesh.triangles, vertex_colors=mesh.colors, process=False, validate=False
    )
    content = head.export(file_type="ply")
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
