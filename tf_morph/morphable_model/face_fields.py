"""Where features other than hair lie: lips, eyes, folds, zones of the skin; all [V] or [n, V].

Heights and distances are canonical millimetres (face_layout.py).
"""

import functools

import numpy as np

from tf_morph.morphable_model.color_fields import (
    bump,
    curve_distance,
    inside_distance,
    smooth_curve,
    soft_step,
)
from tf_morph.morphable_model.face_layout import FaceLayout


class FaceFields:
    """Fields of a layout, computed once."""

    def __init__(self, layout: FaceLayout):
        self._layout = layout
        self._points = layout.points
        self._features = layout.features
        inside = sum(layout.regions.get(name, 0.0) for name in ("inner_mouth", "teeth", "tongue"))
        self.skin = (~layout.eyeball).astype(np.float64) * np.clip(1 - inside, 0.0, 1.0)

    def lips(self, grow: np.ndarray) -> np.ndarray:
        """The red of the lips, [n, V], its border moved out by `grow` [n, 1] mm."""
        if "lips" in self._layout.regions:
            # The region's rim is a few millimetres of grey.
            return soft_step(self._layout.regions["lips"] + 0.15 * grow, 0.5, 0.6) * self.skin
        return soft_step(self._lip_depth + grow, 0.0, 2.2) * self._mouth_front

    @functools.cached_property
    def _lip_depth(self) -> np.ndarray:
        outline = smooth_curve(self._features[48:60, :2], 96, closed=True)
        return inside_distance(self._points[:, :2], outline)

    @functools.cached_property
    def _mouth_front(self) -> np.ndarray:
        return soft_step(self._points[:, 2], -12.0, 6.0) * self.skin

    @functools.cached_property
    def mouth_line(self) -> np.ndarray:
        """The dark line between the lips and what lies behind it, [V]."""
        upper = self._features[[60, 61, 62, 63, 64]]
        lower = self._features[[60, 67, 66, 65, 64]]
        line = smooth_curve((upper + lower) / 2, 64)
        distance, _ = curve_distance(self._points[:, :2], line[:, :2])
        behind = np.interp(self._points[:, 0], line[:, 0], line[:, 2]) - self._points[:, 2]
        inner = soft_step(behind, 1.5, 3.0) * soft_step(6.0 - distance, 0.0, 4.0)
        # Beyond its ends the line has no depth to compare with.
        inner *= soft_step(line[:, 0].max() - np.abs(self._points[:, 0]), 0.0, 3.0)
        return np.maximum(soft_step(1.3 - distance, 0.0, 1.5), inner) * self._mouth_front

    @functools.cached_property
    def nostrils(self) -> np.ndarray:
        """The openings of the nose, [V]."""
        if self._layout.nostrils is None:
            pairs = self._features[[31, 32]], self._features[[34, 35]]
            middles = [pair.mean(axis=0) + np.array([0, 6.0, 1.0]) for pair in pairs]
            radii = (3.4, 2.4, 6.0)
        else:
            middles = self._layout.canonical_points(self._layout.nostrils)
            radii = (2.7, 1.7, 5.0)
        holes = [bump(self._points, middle, radii) for middle in middles]
        return np.minimum(1.0, 1.25 * sum(holes)) * self.skin

    @functools.cached_property
    def _eye_curves(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Per eye: the upper and the lower lid's margin, [64, 3], from corner to corner."""
        return [
            (
                smooth_curve(self._features[upper], 64),
                smooth_curve(self._features[lower], 64),
            )
            for upper, lower in (
                ([36, 37, 38, 39], [36, 41, 40, 39]),
                ([42, 43, 44, 45], [42, 47, 46, 45]),
            )
        ]

    def _lid_distance(self, lid: int) -> np.ndarray:
        distances = [curve_distance(self._points, curves[lid])[0] for curves in self._eye_curves]
        return np.minimum(*distances)

    @functools.cached_property
    def upper_lash(self) -> np.ndarray:
        """The root of the upper lashes, [V]."""
        return soft_step(1.7 - self._lid_distance(0), 0.0, 1.6) * self.skin

    @functools.cached_property
    def lower_lash(self) -> np.ndarray:
        """The root of the lower lashes, [V]."""
        return soft_step(1.1 - self._lid_distance(1), 0.0, 1.4) * self.skin

    @functools.cached_property
    def upper_lid(self) -> np.ndarray:
        """The lid between the lashes and its fold, [V]."""
        above = self._points[:, 1] > 0.0
        return soft_step(8.0 - self._lid_distance(0), 0.0, 6.0) * self.skin * above

    @functools.cached_property
    def sockets(self) -> np.ndarray:
        """The hollow round the eyes, deepest towards the nose, [V]."""
        fields = [
            bump(self._points[:, :2], (side * 27.0, 6.0), (15.0, 10.0))
            + 0.8 * bump(self._points[:, :2], (side * 15.0, 5.0), (5.0, 8.0))
            for side in (-1, 1)
        ]
        return np.minimum(sum(fields), 1.3) * self._front * self.skin

    @functools.cached_property
    def bags(self) -> np.ndarray:
        """The crescents under the eyes, [V]."""
        fields = []
        for _, lower in self._eye_curves:
            depth = np.interp(self._points[:, 0], lower[:, 0], lower[:, 1]) - self._points[:, 1]
            side = np.sign(lower[:, 0].mean())
            across = np.exp(-0.5 * ((self._points[:, 0] - side * 28.0) / 11.0) ** 2)
            fields.append(np.exp(-0.5 * ((depth - 7.0) / 4.0) ** 2) * across)
        return sum(fields) * self._front * self.skin

    @functools.cached_property
    def folds(self) -> np.ndarray:
        """The folds from the wings of the nose past the corners of the mouth, [V]."""
        wing, corner = self._features[35, :2], self._features[54, :2]
        curve = smooth_curve(
            [wing + [5, 4], wing + [12, -6], corner + [9, 4], corner + [9, -12]], 48
        )
        mirrored = np.abs(self._points[:, :2] * [1, 0]) + self._points[:, :2] * [0, 1]
        distance, along = curve_distance(mirrored, curve)
        return np.exp(-0.5 * (distance / 2.4) ** 2) * (1 - 0.5 * along) * self._front * self.skin

    @functools.cached_property
    def forehead_lines(self) -> np.ndarray:
        """Three lines across the forehead and two between the brows, [V]."""
        x, y, _ = self._points.T
        fade = np.exp(-0.5 * (x / 28.0) ** 2)
        lines = sum(np.exp(-0.5 * ((y - h - 0.002 * x**2) / 1.7) ** 2) for h in (36, 45, 54))
        frown = np.exp(-0.5 * ((np.abs(x) - 7.0) / 1.8) ** 2) * bump(
            self._points[:, 1:2], [22.0], [7.0]
        )
        return (lines * fade + frown) * self._front * self.skin

    @functools.cached_property
    def cheeks(self) -> np.ndarray:
        """Where a flush shows on the cheeks, [V]."""
        fields = [bump(self._points[:, :2], (side * 42.0, -38.0), (17.0, 14.0)) for side in (-1, 1)]
        return sum(fields) * self.skin

    @functools.cached_property
    def nose(self) -> np.ndarray:
        """Tip and wings of the nose, [V]."""
        tip = self._features[30, :2]
        return bump(self._points[:, :2], tip + [0, -4], (13.0, 9.0)) * self._front * self.skin

    @functools.cached_property
    def lower_face(self) -> np.ndarray:
        """1 below the nose, 0 on the forehead, [V]."""
        return soft_step(-30.0 - self._points[:, 1], 0.0, 40.0) * self.skin

    @functools.cached_property
    def hollows(self) -> np.ndarray:
        """Below the cheekbones and along the sides of the nose, [V]."""
        fields = [
            bump(self._points[:, :2], (side * 55.0, -58.0), (12.0, 18.0))
            + 0.7 * bump(self._points[:, :2], (side * 14.0, -18.0), (4.0, 14.0))
            for side in (-1, 1)
        ]
        return sum(fields) * self.skin

    @functools.cached_property
    def freckled(self) -> np.ndarray:
        """Where freckles are: cheeks and nose, [V]."""
        return np.minimum(
            1.0, bump(self._points[:, :2], (0.0, -24.0), (42.0, 17.0)) * self._front * self.skin
        )

    @functools.cached_property
    def _front(self) -> np.ndarray:
        return soft_step(self._points[:, 2], -60.0, 20.0)

    @functools.cached_property
    def gaze_distance(self) -> np.ndarray:
        """Distance from the middle of the own eye's pupil as seen from the front, mm, [V]; of
        skin, infinity."""
        layout = self._layout
        pupils = layout.canonical_points(layout.pupils)
        distance = np.full(len(self._points), np.inf)
        for eye, pupil in zip(layout.eyes, pupils, strict=True):
            offsets = self._points[eye] - pupil
            hidden = 50.0 * (offsets[:, 2] < -14.0)
            distance[eye] = np.linalg.norm(offsets[:, :2], axis=1) + hidden
        return distance

    @functools.cached_property
    def eye_corners(self) -> np.ndarray:
        """How near a vertex of an eyeball is to a corner of the eye, [V] in [0, 1]."""
        corners = self._features[[36, 39, 42, 45], :2]
        fields = [bump(self._points[:, :2], corner, 4.5) for corner in corners]
        return np.minimum(1.0, sum(fields)) * (1 - self.skin)

    @functools.cached_property
    def lid_shade(self) -> np.ndarray:
        """The upper lid's shadow on the eyeball, [V] in [0, 1]."""
        fields = []
        for upper, _ in self._eye_curves:
            depth = np.interp(self._points[:, 0], upper[:, 0], upper[:, 1]) - self._points[:, 1]
            fields.append(soft_step(3.2 - depth, 0.0, 3.5))
        right = self._points[:, 0] < 0
        return np.where(right, fields[0], fields[1]) * (1 - self.skin)
