"""A made-up face with a painted texture that a face detector takes for one, as scan files."""

import numpy as np
import trimesh
from PIL import Image, ImageDraw, ImageFilter

from tests.evaluation.surfaces import grid_face, height
from tf_morph.evaluation.scan_pose import POINTS
from tf_morph.evaluation.similarity_transform import IDENTITY

HALF = 110.0  # mm, of the square it is cut from
_PLACES = ((-31, 30), (31, 30), (0, 0), (-24, -44), (24, -44))
TRUE_POINTS = np.array([[x, y, height(np.float64(x), np.float64(y))] for x, y in _PLACES])


def painted_texture(size=512):
    """Row 0 is the hair; the subject's left cheek has a blue spot."""
    image = Image.new("RGB", (size, size), (150, 150, 155))
    draw = ImageDraw.Draw(image)

    def oval(x, y, a, b, color):
        corners = np.array([x - a, HALF - y - b, x + a, HALF - y + b]) + [HALF, 0, HALF, 0]
        draw.ellipse(list(corners / (2 * HALF) * size), fill=color)

    oval(0, 20, 82, 85, (50, 35, 25))
    oval(0, -8, 68, 90, (150, 110, 92))
    oval(0, -8, 61, 84, (205, 160, 135))
    for x in (-1, 1):
        oval(x * 31, 44, 16, 4, (60, 40, 30))
        oval(x * 31, 30, 15, 8, (140, 98, 80))
        oval(x * 31, 30, 12, 5, (235, 228, 222))
        oval(x * 31, 30, 5, 5, (50, 30, 20))
        oval(x * 9, 5, 4, 26, (180, 135, 112))
        oval(x * 8, -17, 5, 3, (110, 60, 50))
    oval(0, 0, 6, 22, (220, 178, 155))
    oval(0, -44, 24, 8, (165, 75, 75))
    oval(0, -44, 22, 1, (90, 35, 35))
    oval(42, -20, 6, 6, (40, 40, 200))
    return image.filter(ImageFilter.GaussianBlur(size / 100))


def surface(transform=IDENTITY):
    """vertices, triangles, uv; v from the bottom."""
    mesh = grid_face(step=5.0, extent=HALF)
    uv = (mesh.vertices[:, :2] + HALF) / (2 * HALF)
    return transform(mesh.vertices), mesh.triangles, uv


def write_scan(path, transform=IDENTITY, image=None, turned_over=False, binary=False):
    """GLB holds its texture; OBJ and VTK have it beside them."""
    vertices, triangles, uv = surface(transform)
    image = image or painted_texture()
    if turned_over:
        uv = uv * [1, -1] + [0, 1]
    if path.suffix == ".vtk":
        path.write_bytes(polydata(vertices, triangles, uv, binary))
        image.save(path.with_suffix(".png"))
    elif path.suffix == ".obj":
        rows = [f"v {x:.9f} {y:.9f} {z:.9f}" for x, y, z in vertices]
        rows += [f"vt {u:.6f} {v:.6f}" for u, v in uv]
        rows += ["f " + " ".join(f"{i}/{i}" for i in corners) for corners in triangles + 1]
        path.write_text("\n".join(rows) + "\n")
        image.save(path.with_suffix(".png"))
    else:
        material = trimesh.visual.material.PBRMaterial(baseColorTexture=image)
        visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
        trimesh.Trimesh(vertices, triangles, visual=visual, process=False).export(path)
    return path


def polydata(vertices, triangles, uv, binary=False):
    """A legacy VTK file, its texture coordinates after normals and a scalar."""

    def numbers(values, dtype):
        values = np.asarray(values, dtype)
        return values.tobytes() if binary else " ".join(map(str, values.ravel())).encode()

    count, cells = len(vertices), len(triangles)
    listed = np.column_stack([np.full(cells, 3), triangles])
    return b"\n".join(
        [
            b"# vtk DataFile Version 3.0\na head",
            b"BINARY" if binary else b"ASCII",
            b"DATASET POLYDATA\nPOINTS %d float" % count,
            numbers(vertices, ">f4"),
            b"POLYGONS %d %d" % (cells, listed.size),
            numbers(listed, ">i4"),
            b"CELL_DATA %d\nPOINT_DATA %d\nNORMALS n float" % (cells, count),
            numbers(vertices, ">f4"),
            b"SCALARS s unsigned_char 1\nLOOKUP_TABLE default",
            numbers(np.arange(count) % 200, "u1"),
            b"TEXTURE_COORDINATES t 2 double",
            numbers(uv, ">f8"),
        ]
    )


def landmarks(transform=IDENTITY):
    return dict(zip(POINTS, transform(TRUE_POINTS), strict=True))
