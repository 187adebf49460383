"""Pose of a textured scan: where its face is, how it is rotated, in which unit.

A scan is rendered from all sides in its own colours, unlit; where a face is detected, its five
points are cast back onto the surface and brought to those of a mean face. Rendered anew from there,
twice, the points and the rotation become exact.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.spatial.transform import Rotation

from tf_morph.errors import InputError
from tf_morph.evaluation.mesh import Mesh, landmarks_file
from tf_morph.evaluation.similarity_transform import SimilarityTransform, umeyama
from tf_morph.evaluation.textured_scan import TexturedScan
from tf_morph.morphable_model.landmarks import five_points
from tf_morph.morphable_model.srgb import linear_to_srgb
from tf_morph.photographs.detection import DetectedFace, detect_faces
from tf_morph.rendering import Framing, Renderer, Scene, fit_framing, frontal_scene
from tf_morph.rendering.camera import PORTRAIT_FIVE_POINTS

POINTS = (
    "right.eye.pupil.center",
    "left.eye.pupil.center",
    "center.nose.tip",
    "right.lips.corner",
    "left.lips.corner",
)
# The open head's mean, mm.
MEAN_POINTS = np.array(
    [[-31.5, 0.2, 15.5], [31.5, 0.2, 15.5], [0, -30.9, 46.4], [-25, -72.4, 18.4], [25, -72.4, 18.4]]
)
UNITS_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4, "dm": 100.0, "m": 1000.0}
_UNIT_TOLERANCE = 1.25  # of a face's size over the mean's
_PORTRAIT_SHARE = 0.6  # of the image's side, what a close portrait takes in: ears, hair, neck
_SEARCHED, _REFINED = 256, 512  # pixels
_RADIUS_MM = 150.0  # of a scan while its face is sought
_WHOLE = Framing((0.0, 0.0, 1000.0), 2.0 * float(np.arcsin(0.15)), (0.0, 0.0, 0.0))
_WELL_MM, _AT_MOST_MM = 8.0, 15.0  # the five points from the mean face's, root mean square
_TIP_SOUGHT_MM = 10.0


class Drawing(NamedTuple):
    """image: float32 [S, S, 3] linear RGB, black where no surface is; mask: float32 [S, S]."""

    image: np.ndarray
    mask: np.ndarray


class ScanRenderer:
    """One scan before one camera.

    The renderer has a colour a vertex. So it draws a white scan and a black one: their difference
    is what a matt surface reflects, to be multiplied by the texture, and the black one's is gloss.
    Drawn evenly lit in the colours of what its corners have, the scan shows that in every pixel.
    """

    def __init__(self, scan: TexturedScan, framing: Framing, size: int, culled: bool = True):
        """
        Args:
          scan: mm, our frame.
          framing: the camera.
          size: side of the images, pixels.
          culled: leave out what is seen from inside.
        """
        self.scan, self.size = scan, size
        self._vertices = np.float32(scan.mesh.vertices)
        triangles = scan.mesh.triangles
        self._surface = Renderer(triangles, size, size, framing, None, culled)
        # No corner shared: at a texture's seam one place has several coordinates.
        apart = np.arange(triangles.size).reshape(-1, 3)
        self._corners = Renderer(apart, size, size, framing, None, culled)

    def __call__(self, scene: Scene) -> Drawing:
        """The scan in a scene, of leading dimension 1, whose background is black."""
        white, black = (
            self._surface(self._vertices[None], np.full((1, *self._vertices.shape), x, "f4"), scene)
            for x in (1.0, 0.0)
        )
        mask, gloss = white.mask[0].numpy(), black.image[0].numpy()
        image = (white.image[0].numpy() - gloss) * self.albedo(scene) + gloss
        return Drawing(image, mask)

    def albedo(self, scene: Scene) -> np.ndarray:
        """[S, S, 3] linear RGB, the scan's own colours, unlit; of no meaning beside it."""
        values = self.scan.corners.reshape(-1, self.scan.corners.shape[-1])
        values = np.pad(values, [(0, 0), (0, 3 - values.shape[1])])
        return self.scan.albedo(self._seen(values, scene)).astype(np.float32)

    def places(self, scene: Scene) -> np.ndarray:
        """[S, S, 3] mm: where on the unposed scan each pixel lies; NaN beside it."""
        vertices = self.scan.mesh.vertices[self.scan.mesh.triangles].reshape(-1, 3)
        found = self._seen(vertices, scene)
        return np.where(self.mask(scene)[..., None], found, np.nan)

    def mask(self, scene: Scene) -> np.ndarray:
        """bool [S, S]: where the scan is."""
        return self.visible_triangles(scene) >= 0

    def visible_triangles(self, scene: Scene) -> np.ndarray:
        """int32 [S, S], -1 where there is none."""
        return self._surface.visible_triangles(self._vertices[None], scene)[0].numpy()

    def _seen(self, values, scene: Scene) -> np.ndarray:
        """Values [3 T, 3] of the corners, interpolated at each pixel."""
        even = scene._replace(
            light_colors=tf.zeros_like(scene.light_colors), ambient=tf.ones_like(scene.ambient)
        )
        corners = self._vertices[self.scan.mesh.triangles].reshape(1, -1, 3)
        return self._corners(corners, np.float32(values)[None], even).image[0].numpy()


def black_scene(size: int, yaw_pitch_roll=(0.0, 0.0, 0.0)) -> Scene:
    """The evaluation's frontal light, B = 1, before black; angles in radians."""
    scene = frontal_scene(1, size, size)
    return scene._replace(
        yaw_pitch_roll=tf.constant([yaw_pitch_roll], tf.float32),
        background=tf.zeros_like(scene.background),
    )


class AlignedScan(NamedTuple):
    """A scan in mm, in our frame, the mean face's five points near its own.

    Attributes:
      scan: in that frame.
      landmarks: name to point [3], the five of `POINTS` among them.
      notes: lines that say what was found, and how.
    """

    scan: TexturedScan
    landmarks: Mapping[str, np.ndarray]
    notes: tuple[str, ...]


def portrait_framing(points: np.ndarray, size: int, field_of_view_degrees: float) -> Framing:
    """The camera of a portrait of a head with such five points [5, 3], wide enough for hair."""
    targets = 0.5 + _PORTRAIT_SHARE * (np.array(PORTRAIT_FIVE_POINTS) - 0.5)
    return fit_framing(points, targets * size, size, field_of_view_degrees)


def align_scan(
    scan: TexturedScan,
    path: Path,
    landmarks: Mapping[str, np.ndarray],
    unit: str = "auto",
    v: str = "auto",
) -> AlignedScan:
    """Brings a scan to mm and our frame.

    Args:
      scan: as the file has it.
      path: the file, to be named in errors.
      landmarks: name to point [3] in the file's unit and frame, by Basel's names; where they are
        none, they are sought.
      unit: of `UNITS_MM`, "auto": that in which it is life-size, or else scaled to that.
      v: "up", from the texture's bottom, "down" or "auto": as the face is found.

    Raises:
      InputError: no face is found in it, the landmarks lack one of the five, or the unit is such
        that it is no face's size.
    """
    ways = {"up": scan, "down": scan.turned_over()}
    if v != "auto" or scan.texture is None:
        ways = {v: ways.get(v, scan)}
    if landmarks:
        points, how = _given_points(landmarks, path), "given by a file"
        rough = umeyama(points, MEAN_POINTS)
        v = max(ways, key=lambda way: len(ways) > 1 and _frontal(ways[way].moved(rough)).score)
        scan = ways[v]
    else:
        v, points = _sought(ways, path)
        scan, how = ways[v], "found on the frontal rendering and cast back"
        for _ in range(2):
            transform = umeyama(points, MEAN_POINTS)
            found = _frontal(scan.moved(transform))
            if found.score:
                points = transform.inverse()(found.points)
    transform, size = _in_mm(points, unit, path)
    named = dict(zip(POINTS, points, strict=True)) | dict(landmarks)
    named = {name: transform(point) for name, point in named.items()}
    scan = _outside_out(scan.moved(transform))
    if not landmarks:
        named[POINTS[2]] = _foremost(scan.mesh, named[POINTS[2]])
    colors = f"v from the texture's {'top' if v == 'down' else 'bottom'}"
    colors = "colours of its vertices" if scan.texture is None else colors
    return AlignedScan(scan, named, (size, colors, f"landmarks {how}"))


class _Found(NamedTuple):
    """A face: the detector's score, 0 where there is none; its five points [5, 3], mm."""

    score: float
    points: np.ndarray


_NOBODY = _Found(0.0, np.full((5, 3), np.nan))


def _given_points(landmarks: Mapping[str, np.ndarray], path: Path) -> np.ndarray:
    if all(name in landmarks for name in POINTS):
        return np.array([landmarks[name] for name in POINTS])
    try:
        return five_points(landmarks)
    except InputError as error:
        raise InputError(f"{path}: its landmarks: {error}; name {', '.join(POINTS)}") from error


def _sought(ways: Mapping[str, TexturedScan], path: Path) -> tuple[str, np.ndarray]:
    """Under which name, and where in the file's frame, a face is found that fits best.

    The first turns are the likely ones; where a face fits well under one, no others are tried.
    """
    best, least = None, np.inf
    for turns in _turns():
        for name, scan in ways.items():
            transforms = [_centred(scan.mesh, turn) for turn in turns]
            moved = [scan.moved(transform) for transform in transforms]
            for transform, found in zip(transforms, _faces(moved, _WHOLE, _SEARCHED), strict=True):
                if found.score and (misfit := _misfit(found)) < least:
                    best, least = (name, transform.inverse()(found.points)), misfit
        if least < _WELL_MM:
            break
    if best is None:
        raise InputError(
            f"{path}: no face is found on it from any side; give its landmarks {', '.join(POINTS)} "
            f"in {landmarks_file(path).name}"
        )
    return best


def _misfit(found: _Found) -> float:
    """How far the points are from a face's, mm at its size, more for doubtful faces."""
    onto = umeyama(found.points, MEAN_POINTS)
    distances = np.linalg.norm(onto(found.points) - MEAN_POINTS, axis=1)
    distance = float(np.sqrt(np.square(distances).mean()))
    return distance / found.score**4 if distance < _AT_MOST_MM else np.inf


def _centred(mesh: Mesh, turn: np.ndarray) -> SimilarityTransform:
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    scale = _RADIUS_MM / (0.5 * np.linalg.norm(high - low))
    return SimilarityTransform(scale, turn, -scale * (turn @ (low + high)) / 2)


def _turns() -> np.ndarray:
    """[6, 8, 3, 3]: each axis up, either way, +Y first; rotated about it by steps of 45 degrees."""
    ups = Rotation.from_euler(
        "xz", [(0, 0), (-90, 0), (90, 0), (180, 0), (0, 90), (0, -90)], degrees=True
    ).as_matrix()
    yaws = Rotation.from_euler("y", np.arange(0, 360, 45)[:, None], degrees=True).as_matrix()
    return yaws[None] @ ups[:, None]


def _frontal(scan: TexturedScan) -> _Found:
    """The face of a scan that has been brought to the mean face."""
    return _faces([scan], portrait_framing(MEAN_POINTS, _REFINED, 20.0), _REFINED)[0]


def _faces(scans: Sequence[TexturedScan], framing: Framing, size: int) -> list[_Found]:
    """What the detector finds on each, upright, as the camera sees it."""
    drawers = [ScanRenderer(scan, framing, size, culled=False) for scan in scans]
    scene = black_scene(size)
    linear = [drawer.albedo(scene) * drawer.mask(scene)[..., None] for drawer in drawers]
    images = [np.uint8(255 * linear_to_srgb(each).clip(0, 1)) for each in linear]
    faces = detect_faces(images)
    return [
        _cast_back(found[0], drawer, scene) if found else _NOBODY
        for found, drawer in zip(faces, drawers, strict=True)
    ]


def _cast_back(face: DetectedFace, drawer: ScanRenderer, scene: Scene) -> _Found:
    """Each of its five points where the nearest pixel of the scan lies."""
    right, left, _, *mouth = face.five_points
    if min(point[1] for point in mouth) < max(right[1], left[1]) or right[0] > left[0]:
        return _NOBODY  # not upright
    places = drawer.places(scene)
    rows, columns = np.nonzero(np.isfinite(places[..., 0]))
    x, y = face.five_points[:, 0, None], face.five_points[:, 1, None]
    squares = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2
    nearest = squares.argmin(axis=1)
    return _Found(face.score, places[rows[nearest], columns[nearest]].astype(float))


def _in_mm(points: np.ndarray, unit: str, path: Path) -> tuple[SimilarityTransform, str]:
    """The transform at the unit's scale, and what is to be said of it."""
    transform = umeyama(points, MEAN_POINTS)
    near = min(UNITS_MM, key=lambda name: abs(np.log(transform.scale / UNITS_MM[name])))
    if unit == "auto" and max(r := transform.scale / UNITS_MM[near], 1 / r) > _UNIT_TOLERANCE:
        return transform, (
            f"of no unit that is known; scaled by {transform.scale:.4g} to the size of a mean face"
        )
    unit = near if unit == "auto" else unit
    size = transform.scale / UNITS_MM[unit]
    if not 0.5 < size < 2.0:
        raise InputError(
            f"{path}: in {unit} its face is {1 / size:.3g} times a face's size; give its unit by "
            "--unit, or auto"
        )
    about = points.mean(axis=0)
    return transform.scaled(UNITS_MM[unit], about), f"in {unit}; a mean face's {1 / size:.2f} fold"


def _outside_out(scan: TexturedScan) -> TexturedScan:
    """The scan with its triangles counter-clockwise seen from where its face is seen."""
    drawer = ScanRenderer(scan, portrait_framing(MEAN_POINTS, _SEARCHED, 20.0), _SEARCHED, False)
    seen = drawer.visible_triangles(black_scene(_SEARCHED))
    a, b, c = (scan.mesh.vertices[corners] for corners in scan.mesh.triangles[seen[seen >= 0]].T)
    towards = np.cross(b - a, c - a)[:, 2] > 0
    return scan if towards.mean() >= 0.5 else scan.inside_out()


def _foremost(mesh: Mesh, tip: np.ndarray) -> np.ndarray:
    """The nose's tip: what is foremost near where the detector has it."""
    near = mesh.vertices[np.linalg.norm(mesh.vertices - tip, axis=1) <= _TIP_SOUGHT_MM]
    return near[near[:, 2].argmax()] if len(near) else tip
