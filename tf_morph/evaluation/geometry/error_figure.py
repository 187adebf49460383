"""Scans, the faces fitted to them, and how far these are from one another, in colours."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from tf_morph.evaluation.geometry.distances import scan_distances
from tf_morph.evaluation.geometry.fitting import Pair
from tf_morph.evaluation.geometry.mesh import Mesh
from tf_morph.evaluation.geometry.protocol import Scan
from tf_morph.evaluation.geometry.results import Measured

MOST_MM = 5.0  # where the colours end
COLORS = "magma"
_CLAY = np.array([0.80, 0.77, 0.72])
_LIGHT = np.array([0.35, 0.45, 0.82])
_SIDE_INCHES = 1.7


def error_figure(
    scans: Sequence[Scan], measured: Mapping[str, Measured], words: Mapping[str, str]
) -> Figure:
    """A row a person: the scan, the first method's face as it was fitted, and the distances of the
    scan from each method's face.

    Args:
      scans: of the first people, in order.
      measured: the methods to show; each has a mesh of all these people.
      words: method to the heading of its column.
    """
    first = next(iter(measured))
    columns = 2 + len(measured)
    size = (_SIDE_INCHES * columns + 0.7, _SIDE_INCHES * len(scans) + 0.3)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(scans), columns, squeeze=False)
    for row, (axes, scan) in enumerate(zip(grid, scans, strict=True)):
        back = scan.start.inverse()
        here = Mesh(back(scan.mesh.vertices), scan.mesh.triangles)
        mesh, fitted = measured[first].of_person(row)
        _draw(axes[0], here, _shaded(here))
        limits = axes[0].get_xlim(), axes[0].get_ylim()
        face = Mesh(back(fitted.placement(mesh.vertices)), mesh.triangles)
        _draw(axes[1], face, _shaded(face), limits)
        for at, of_method in zip(axes[2:], measured.values(), strict=True):
            mesh, fitted = of_method.of_person(row)
            distances = scan_distances(Pair(mesh, scan.mesh), fitted.placement)
            _draw(at, here, error_colors(distances[here.triangles].mean(axis=1)), limits)
            at.set_xlabel(f"{fitted.errors.mean:.2f} mm", fontsize="small")
    for at, title in zip(
        grid[0], ("scan", f"fitted: {words[first]}", *words.values()), strict=False
    ):
        at.set_title(title, fontsize="small")
    scale = matplotlib.cm.ScalarMappable(matplotlib.colors.Normalize(0, MOST_MM), COLORS)
    bar = figure.colorbar(scale, ax=grid[:, 2:], shrink=0.8, extend="max")
    bar.set_label("distance, mm", fontsize="small")
    return figure


def error_colors(distances: np.ndarray) -> np.ndarray:
    """RGB [N, 3] in [0, 1] of distances [N], mm."""
    return matplotlib.colormaps[COLORS](np.clip(distances / MOST_MM, 0.0, 1.0))[:, :3]


def _draw(axes, mesh: Mesh, colors: np.ndarray, limits=None) -> None:
    """The mesh seen along -Z; what is nearer is drawn later."""
    corners = mesh.vertices[mesh.triangles]
    order = np.argsort(corners[:, :, 2].mean(axis=1))
    order = order[_normals(mesh)[order, 2] > 0.0]
    # Edges in the same colour close the seams that smoothing leaves between triangles.
    faces = PolyCollection(
        corners[order][:, :, :2],
        facecolors=colors[order],
        edgecolors=colors[order],
        linewidths=0.2,
        rasterized=True,
    )
    axes.add_collection(faces)
    axes.autoscale_view()
    axes.set_aspect("equal")
    if limits:
        axes.set(xlim=limits[0], ylim=limits[1])
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _shaded(mesh: Mesh) -> np.ndarray:
    light = _LIGHT / np.linalg.norm(_LIGHT)
    return _CLAY * (0.25 + 0.75 * np.clip(_normals(mesh) @ light, 0.0, 1.0))[:, None]


def _normals(mesh: Mesh) -> np.ndarray:
    """[T, 3] of the triangles, smoothed over their corners."""
    sums = mesh.vertex_normals[mesh.triangles].sum(axis=1)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
