"""The suite micc: predicted faces against scans, MICC Florence's or made from known faces."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from tf_morph.errors import InputError
from tf_morph.evaluation import tables
from tf_morph.evaluation.context import Context
from tf_morph.evaluation.mesh import NOSE_TIP, Mesh
from tf_morph.evaluation.methods import MEAN_FACE, RANDOM_FACE, TRUE_FACE_IN_MODEL
from tf_morph.evaluation.scan_metrics import (
    ANY,
    CROP_MM,
    MOST_SINGLE,
    POOLED,
    SCALING_WORDS,
    SINGLE,
    Measured,
    Reference,
    Scan,
    candidates,
    each_mesh,
    mean_face,
    measure_all,
    prepare_scan,
    scan_distances,
    summary,
)
from tf_morph.evaluation.scan_registration import GLOBAL, SurfacePair
from tf_morph.evaluation.scanned_people import (
    LANDMARK_NOISE_MM,
    MOST_FRAMES,
    NOISE_MM,
    ScannedPerson,
    known_people,
    read_people,
    rendered_people,
)
from tf_morph.evaluation.section import Head, Plot, Section, Table

MOST_MM = 5.0  # where the colours end
COLORS = "magma"
_CLAY = np.array([0.80, 0.77, 0.72])
_LIGHT = np.array([0.35, 0.45, 0.82])
_SIDE_INCHES = 1.7
NAME = "micc"
_SHOWN = 4  # people in the figure
_HEADS = (0.5, 2.0)  # how large a head may be, over the mean face's size
WORDS = {
    SINGLE: "ours, one frame",
    POOLED: "ours, frames pooled",
    MEAN_FACE: "mean face",
    RANDOM_FACE: "random face",
    TRUE_FACE_IN_MODEL: "true face in our model",
}
_PROTOCOL = f"""\
- **Crop**: what of the scan lies within {CROP_MM:g} mm of the tip of its nose; one cut for all
  methods. The tip is a landmark's or, without, the scan's foremost point near the mean face's.
- **Start**: the run's mean face brought to the scan by three or more shared landmarks, else
  by its shape. Another method's mesh is first brought onto the mean face, from any unit and frame.
- **Fit**: iterated closest points, point to plane, both ways alike; pairs on a border (holes, the
  crop's rim), with normals more than 60° apart, and the farthest 15 % do not count. Every area
  counts by its size, however it is cut into triangles.
- **Scale**: first row of a method, one for all its meshes, the best by least squares over all
  people (the paper's, as far as known); second row, each mesh its own (later papers; from memory).
- **Error**: distance to the closest point of the other surface; the mean of scan to mesh, over all
  of the cut, and mesh to scan, over what of the mesh the scan shows. RMSE likewise. `median` is the
  scan's alone, as the NoW benchmark has it.
- **Averages**: over a person's meshes (one frame: at most {MOST_SINGLE} of a video, evenly spread,
  each measured; pooled: one face from the mean of all frames' coefficients), then over people; ± is
  the standard deviation over people. What of a mesh is hidden, such as teeth behind closed lips or
  an eyeball's back, is left out of it.
"""
_HEADINGS = {
    "shown_method": "method",
    "shown_condition": "photographs",
    "scale_of": "scale",
    "mean_mm": "mean, mm",
    "deviation_mm": "±",
    "rmse_mm": "RMSE, mm",
    "scan_to_mesh_mm": "scan to mesh",
    "mesh_to_scan_mm": "mesh to scan",
    "median_mm": "median",
    "scale": "scale found",
    "subjects": "people",
    "meshes": "meshes",
}


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
        face = Mesh(back(fitted.transform(mesh.vertices)), mesh.triangles)
        _draw(axes[1], face, _shaded(face), limits)
        for at, of_method in zip(axes[2:], measured.values(), strict=True):
            mesh, fitted = of_method.of_person(row)
            distances = scan_distances(SurfacePair(mesh, scan.mesh), fitted.transform)
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
    """The mesh seen along -Z; what is nearer is painted later."""
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


def micc_suite(context: Context) -> Section:
    """Measures predicted faces on MICC's folder where one is given, else on a stand-in for it.

    Raises:
      InputError: the folder holds no scan with frames, a mesh cannot be read, is not in mm or too
        small a part of a face, or the run's model lacks landmarks.
    """
    people, about = _people(context)
    reference = mean_face(context.run)
    if NOSE_TIP not in reference.landmarks:
        raise InputError(f"the run's face model has no landmark {NOSE_TIP}: scans cannot be cut")
    scans = [_prepared(person, reference) for person in people]
    measured = measure_all(candidates(context, people, reference), scans)
    each = each_mesh(measured, [person.name for person in people])
    shown = _shown(measured, min(_SHOWN, len(people)))
    words = {method: WORDS.get(method, method) for method in shown}
    figure = error_figure(scans[:_SHOWN], shown, words)
    return Section(
        name=NAME,
        title="Geometry: predicted faces against scans",
        protocol=_PROTOCOL,
        facts=_facts(context, people, about),
        tables=(_summary_table(each), _each_table(each)),
        plots=(Plot("micc_errors", _caption(), figure),),
        heads=(_head(context, people, scans, shown),),
        notes=about["notes"],
        not_run=about["not_run"],
    )


def _prepared(person: ScannedPerson, reference: Reference) -> Scan:
    scan = prepare_scan(person.scan, person.landmarks, reference)
    least, most = _HEADS
    if not least <= scan.start.scale <= most:
        raise InputError(
            f"{person.name}: its scan shows a head of {scan.start.scale:.3g} times a head's size; "
            "scans and their landmarks are in mm and show a whole face"
        )
    if not len(scan.mesh.triangles):
        raise InputError(f"{person.name}: no scan within {CROP_MM:g} mm of its landmark {NOSE_TIP}")
    return scan


def _people(context: Context) -> tuple[list[ScannedPerson], dict]:
    folders = context.data.get(NAME, ())
    if folders:
        found = [read_people(context, folder) for folder in folders]
        people = [person for part, _ in found for person in part]
        skipped = [line for _, part in found for line in part]
        notes = [f"Left out: {path} ({reason})." for path, reason in skipped[:10]]
        return people, {"data": ", ".join(map(str, folders)), "notes": tuple(notes), "not_run": ()}
    not_run = ("MICC Florence was not given (--data=micc:FOLDER): no figure of the paper's data.",)
    made = (
        f"The scans are made from known faces: the front, {NOISE_MM:g} mm of noise along the "
        f"normals, five discs missing, rotated and moved; landmarks {LANDMARK_NOISE_MM:g} mm off."
    )
    if context.truth:
        data = "scans made from the true faces of test people, their own photographs"
        return known_people(context), {"data": data, "notes": (made,), "not_run": not_run}
    data = "faces sampled from the run's own model: renderings, not photographs"
    rendered = "What is predicted from are the run's own renderings of such faces."
    return rendered_people(context), {"data": data, "notes": (made, rendered), "not_run": not_run}


def _facts(context: Context, people, about) -> tuple[tuple[str, str], ...]:
    frames = [len(images) for person in people for images in person.frames.values()]
    return (
        ("people and scans", f"{len(people)}: {about['data']}"),
        (
            "photographs of each, a condition",
            f"{min(frames)} to {max(frames)}, {MOST_FRAMES} at most",
        ),
        ("face model", context.run.model.name),
    )


def _shown(measured, count: int):
    """The methods with a mesh of every person of the figure: a column each."""
    return {
        method: found
        for method, found in measured.items()
        if method != SINGLE and set(range(count)) <= set(found.candidates.people)
    }


def _summary_table(each) -> Table:
    frame = summary(each)
    frame["scale_of"] = frame["scaling"].map(SCALING_WORDS)
    order = list(dict.fromkeys(frame["method"]))
    frame = frame.sort_values(
        ["method", "condition"], key=lambda c: c.map(order.index) if c.name == "method" else c,
        kind="stable",
    ).reset_index(drop=True)  # fmt: skip
    frame["shown_method"] = [WORDS.get(name, name) for name in frame["method"]]
    frame["shown_condition"] = frame["condition"].replace(ANY, "")
    formats = {column: tables.decimals(2) for column in frame.columns if column.endswith("_mm")}
    caption = "Distances of predicted faces from scans; ± is the standard deviation over people."
    return Table(NAME, caption, frame, _HEADINGS, formats | {"scale": tables.decimals(3)})


def _each_table(each) -> Table:
    caption = "The same, a row a person: each one's mean over its meshes."
    keys = ["scaling", "method", "condition", "person"]
    columns = ["mean", "rmse", "scan_to_mesh", "mesh_to_scan", "median", "scale"]
    frame = each.groupby(keys, sort=False)[columns].mean().reset_index()
    return Table("micc_people", caption, frame, None, {c: tables.decimals(3) for c in columns})


def _caption() -> str:
    return (
        "The cut scan, the face fitted to it, and the scan's distance from each method's face, "
        f"black 0 to yellow {MOST_MM:g} mm, at one scale for the method; below, the mean error."
    )


def _head(context: Context, people, scans, shown) -> Head:
    """The first person's scan in the colours of its distance from our face."""
    scan, of_method = scans[0], next(iter(shown.values()))
    mesh, fitted = of_method.of_person(0, GLOBAL)
    colors = error_colors(scan_distances(SurfacePair(mesh, scan.mesh), fitted.transform))
    return Head(
        "micc_scan",
        f"The scan of {people[0].name}, coloured by its distance from our face: black 0, yellow "
        f"{MOST_MM:g} mm and more.",
        scan.start.inverse()(scan.mesh.vertices),
        np.round(255 * colors).astype(np.uint8),
        scan.mesh.triangles,
        next(iter(people[0].frames.values()))[0],
    )
