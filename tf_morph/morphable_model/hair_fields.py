"""Where hair grows: brows, scalp and beard, as opacities [n, V] on a face layout.

Heights and distances are canonical millimetres (face_layout.py).
"""

import functools

import numpy as np

from tf_morph.morphable_model.color_fields import bump, curve_distance, smooth_curve, soft_step
from tf_morph.morphable_model.face_layout import FaceLayout

# The hairline's height above the eyes by depth behind the eyes (forehead, temple, sideburn, top
# of the ear, behind it), as it is before the person's own shifts.
_LINE_DEPTHS = np.array([-100.0, -80.0, -64.0, -56.0, -44.0, -30.0, -18.0, -5.0, 20.0])
_LINE_HEIGHTS = np.array([-34.0, -18.0, -22.0, -12.0, 14.0, 36.0, 52.0, 62.0, 66.0])
_EAR_FRONT = -64.0  # where the ears begin on a mesh that does not say


class HairFields:
    """Opacities of a layout's hair; all need only the layout once and broadcast over people."""

    def __init__(self, layout: FaceLayout):
        self._points = layout.points
        self._features = layout.features
        self._skin = ~layout.eyeball
        self._under_hair = layout.under_hair
        self._known_ears = layout.regions.get("ears", np.zeros(len(layout.points)))

    def brows(self, traits: dict[str, np.ndarray]) -> np.ndarray:
        """Opacity of both brows, [n, V]; traits as in `Traits.brow`."""
        return sum(self._brow(side, traits) for side in range(2))

    def _brow(self, side: int, traits: dict[str, np.ndarray]) -> np.ndarray:
        offset, along, near = self._brow_frames[side]
        # Along: 0 at the inner end, 1 at the outer; a parabola arches, a line tilts.
        lifted = (
            traits["height"]
            + traits["arch"] * (1 - (2.2 * along - 1.3) ** 2)
            + traits["tilt"] * (2 * along - 1)
        )
        half_width = traits["thickness"] * np.interp(
            along, [-0.1, 0.1, 0.45, 0.75, 1.1], [3.2, 4.0, 3.8, 2.7, 1.1]
        )
        across = soft_step(half_width - np.abs(offset - lifted), 0.0, 2.6)
        length = 48.0
        inner = soft_step(along * length - traits["inner"], -1.0, 4.0)
        outer = soft_step((1.0 - along) * length + traits["outer"], 0.0, 6.0)
        fade = np.interp(along, [-0.2, 0.08, 0.3, 1.0], [0.4, 0.75, 1.0, 0.85])
        return traits["density"] * across * inner * outer * fade * near

    @functools.cached_property
    def _brow_frames(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Per brow: height over its centre line [V], position along it [V], nearness [V]."""
        frames = []
        for ids in ([21, 20, 19, 18, 17], [22, 23, 24, 25, 26]):
            line = self._features[ids]
            inner, outer = line[0, 0], line[-1, 0]
            along = (self._points[:, 0] - inner) / (outer - inner)
            centre = smooth_curve(line[np.argsort(line[:, 0]), :2], 64)
            # The landmarks run along the ridge; hair grows a little lower.
            height = np.interp(self._points[:, 0], centre[:, 0], centre[:, 1]) - 3.0
            front = soft_step(self._points[:, 2], -45.0, 6.0)
            frames.append((self._points[:, 1] - height, along, front * self._skin))
        return frames

    def scalp(self, traits: dict[str, np.ndarray]) -> np.ndarray:
        """Opacity of the hair of the head, [n, V]; traits as in `Traits.hair`."""
        if self._under_hair is not None:
            return np.broadcast_to(self._under_hair, (len(traits["density"]), len(self._points)))
        x, y, z = self._points.T
        temples = np.exp(-0.5 * ((np.abs(x) - 48.0) / 15.0) ** 2) * soft_step(z, -45.0, 12.0)
        sides = soft_step(-z, 42.0, 14.0)
        front = soft_step(z, -38.0, 14.0)
        line = (
            np.interp(z, _LINE_DEPTHS, _LINE_HEIGHTS)
            + traits["height"] * front
            + traits["recession"] * temples
            - traits["fringe"] * front
            + traits["side"] * sides
        )
        return traits["density"] * soft_step(y - line, 3.0, 9.0) * (1 - self._ears) * self._skin

    @functools.cached_property
    def _ears(self) -> np.ndarray:
        """1 on the ears and just before them, where no hair is painted, [V]."""
        x, y, z = self._points.T
        heights = soft_step(y, -56.0, 4.0) * soft_step(1.0 - y, 0.0, 4.0)
        depths = soft_step(z, -108.0, 4.0) * soft_step(-64.0 - z, 0.0, 5.0)
        return heights * depths * soft_step(np.abs(x), 66.0, 3.0)

    @functools.cached_property
    def _ear_front(self) -> float:
        """How far out the ears begin, canonical +Z."""
        ears = self._known_ears > 0.5
        beside = ears & (np.abs(self._points[:, 1] + 10.0) < 15.0)
        return float(self._points[beside, 2].max()) if beside.any() else _EAR_FRONT

    def beard(self, traits: dict[str, np.ndarray]) -> np.ndarray:
        """Opacity of the beard, [n, V]; traits as in `Traits.beard`."""
        moustache, chin, cheeks = self._beard_regions
        regions = (
            traits["moustache"] * moustache,
            traits["chin"] * chin,
            traits["cheeks"] * cheeks,
        )
        return np.maximum.reduce(regions)

    @functools.cached_property
    def _beard_regions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, y, z = self._points.T
        side = np.abs(x)
        features = self._features
        upper_lip = smooth_curve(features[48:55, :2], 48)
        lip_edge = np.interp(x, upper_lip[:, 0], upper_lip[:, 1])
        nose_base = features[31:36, 1].mean() - 1.0
        corner = features[54, 0]
        moustache = (
            soft_step(y - lip_edge, 0.8, 2.5)
            * soft_step(nose_base - y - 0.10 * side, -1.0, 4.0)
            * soft_step(corner + 5.0 - side, 0.0, 7.0)
            * soft_step(z, -42.0, 8.0)
            * (1 - 0.35 * np.exp(-0.5 * (side / 2.5) ** 2))
        )
        lower = features[57, 1]
        jaw = soft_step(y, -138.0, 16.0) * (1 - self._ears)
        patch = bump(self._points[:, :2], (0.0, lower - 5.0), (7.0, 4.0)) * soft_step(z, -48.0, 6.0)
        round_mouth = curve_distance(
            self._points[:, :2], smooth_curve(np.abs(features[[54, 55, 56, 57], :2]) * [1, -1], 24)
        )[0]
        chin = (
            soft_step(lower - 7.0 - y + 0.12 * side, 0.0, 5.0)
            * soft_step(30.0 - side, 0.0, 14.0)
            * soft_step(z, self._ear_front - 14.0, 14.0)
            * jaw
        )
        link = soft_step(side, corner + 1.0, 4.0) * soft_step(corner + 13.0 - side, 0.0, 6.0)
        link *= soft_step(nose_base - 4.0 - y, 0.0, 8.0) * soft_step(round_mouth, 3.0, 3.0)
        chin = np.maximum.reduce([chin, patch, link * 0.8 * soft_step(z, -48.0, 6.0) * jaw])
        # From the sideburn down to the corner of the mouth.
        edge = np.interp(side, [corner + 4, 45.0, 62.0, 74.0], [-62.0, -58.0, -40.0, -12.0])
        cheeks = soft_step(edge - y, 0.0, 10.0) * soft_step(side, corner + 3.0, 9.0) * jaw
        sideburn = (
            soft_step(z, self._ear_front - 2.0, 8.0)
            * soft_step(self._ear_front + 18.0 - z, 0.0, 8.0)
            * soft_step(12.0 - y, 0.0, 10.0)
        )
        cheeks *= soft_step(z, self._ear_front - 14.0, 14.0)
        cheeks = np.maximum(cheeks, 0.8 * sideburn * jaw)
        return moustache * self._skin, chin * self._skin, cheeks * self._skin
