"""Colours of people's faces, painted layer on layer from their traits."""

import numpy as np

from tf_morph.morphable_model.color_fields import RandomFields, soft_step
from tf_morph.morphable_model.face_fields import FaceFields
from tf_morph.morphable_model.face_layout import FaceLayout
from tf_morph.morphable_model.hair_fields import HairFields
from tf_morph.morphable_model.skin_tones import melanin_of_lightness, skin_color
from tf_morph.morphable_model.traits import Traits

# Length (mm) of the skin's random variation, and how much of melanin (relative) and blood
# (optical depth) it makes.
_VARIATION = ((45.0, 0.07, 0.025), (20.0, 0.06, 0.022), (9.0, 0.05, 0.016))

_NUM_FRECKLE_PATTERNS = 2

_LASH = np.array([0.09, 0.065, 0.055])
_INNER_MOUTH = np.array([0.20, 0.075, 0.07])
# What lies behind the lips, darker than by daylight: little light gets there.
_MOUTH_PARTS = {
    "inner_mouth": np.array([0.34, 0.12, 0.12]),
    "tongue": np.array([0.56, 0.27, 0.27]),
    "teeth": np.array([0.74, 0.70, 0.62]),
}
_NOSTRIL = np.array([0.14, 0.07, 0.055])
_PUPIL = np.array([0.035, 0.03, 0.03])
_SCLERA = np.array([0.86, 0.84, 0.82])
_SCLERA_RED = np.array([0.76, 0.52, 0.48])


class Colorist:
    """Paints people on one face layout."""

    def __init__(self, layout: FaceLayout, rng: np.random.Generator):
        self._layout = layout
        self._variations = [RandomFields(layout.points, row[0], rng) for row in _VARIATION]
        speckles = rng.uniform(size=(_NUM_FRECKLE_PATTERNS, len(layout.points)))
        self._freckles = soft_step(speckles, 0.72, 0.15)
        self._face = FaceFields(layout)
        self._hair = HairFields(layout)

    def paint(self, people: Traits, rng: np.random.Generator) -> np.ndarray:
        """The sRGB-coded colours of n people's V vertices, [n, V, 3] in [0, 1]."""
        colors = self._skin(people, rng)
        colors = self._lips(colors, people)
        colors = self._lids(colors, people)
        face, hair = self._face, self._hair
        colors = _over(colors, people.beard_color, hair.beard(people.beard))
        colors = _over(colors, people.hair_color, hair.scalp(people.hair))
        colors = _over(colors, people.brow_color, hair.brows(people.brow))
        colors = _over(colors, _NOSTRIL, 0.8 * face.nostrils)
        colors = _over(colors, _INNER_MOUTH, people.lips["line"] * face.mouth_line)
        for name, paint in _MOUTH_PARTS.items():
            colors = _over(colors, paint, self._layout.regions.get(name, np.zeros(1)))
        return np.clip(self._eyes(colors, people), 0.0, 1.0)

    def _skin(self, people: Traits, rng: np.random.Generator) -> np.ndarray:
        face, amount = self._face, people.skin
        melanin = melanin_of_lightness(people.lightness)
        count = len(melanin)
        blood_change = amount["flush"] * face.cheeks + amount["nose_flush"] * face.nose
        blood_change = blood_change + 0.03 * amount["zone"] * face.lower_face
        blood_change = blood_change + 0.07 * self._layout.regions.get("ears", 0.0)
        darker = (
            amount["socket"] * face.sockets
            + 0.9 * amount["bags"] * face.bags
            + 0.8 * amount["folds"] * face.folds
            + 0.5 * amount["forehead_lines"] * face.forehead_lines
            + 0.10 * amount["contour"] * face.hollows
            + 0.04 * amount["zone"] * face.lower_face
        )
        for fields, (_, melanin_change, blood) in zip(self._variations, _VARIATION, strict=True):
            darker = darker + melanin_change * fields.draw(count, rng)
            blood_change = blood_change + blood * fields.draw(count, rng)
        patterns = rng.uniform(0, 1, (count, _NUM_FRECKLE_PATTERNS)) @ self._freckles
        darker = darker + amount["freckles"] * face.freckled * patterns
        # Dark skin varies less in relative depth, pale skin more in absolute.
        melanin = melanin + darker * (0.12 + 0.55 * melanin)
        blood = people.blood + blood_change + 0.25 * darker * people.blood
        colors = skin_color(melanin, blood)
        return colors * (1 + people.yellow[..., None] * np.array([0.0, 0.008, -0.02]))

    def _lips(self, colors: np.ndarray, people: Traits) -> np.ndarray:
        traits = people.lips
        melanin = 0.85 * melanin_of_lightness(people.lightness) + traits["melanin"]
        bare = skin_color(melanin, people.blood + traits["blood"])
        red, rose = np.array([0.60, 0.10, 0.13]), np.array([0.68, 0.30, 0.32])
        stick = rose + (red - rose) * traits["stick_red"]
        painted = bare[:, 0] + (stick - bare[:, 0]) * traits["stick"]
        return _over(colors, painted, 0.9 * self._face.lips(traits["grow"]))

    def _lids(self, colors: np.ndarray, people: Traits) -> np.ndarray:
        face, eye = self._face, people.eye
        brown, grey = np.array([0.36, 0.22, 0.18]), np.array([0.28, 0.28, 0.33])
        shadow = brown + (grey - brown) * eye["shadow_hue"]
        colors = _over(colors, shadow, eye["shadow"] * face.upper_lid)
        lash = np.maximum(eye["lash"], eye["liner"])
        colors = _over(colors, _LASH, lash * face.upper_lash)
        return _over(colors, _LASH, (0.35 * eye["lash"] + 0.6 * eye["liner"]) * face.lower_lash)

    def _eyes(self, colors: np.ndarray, people: Traits) -> np.ndarray:
        face, eye, white = self._face, people.eye, self._layout.eyeball
        from_pupil = face.gaze_distance[white]
        sclera = _SCLERA + 0.025 * eye["sclera"] + np.array([0.0, 0.0, -0.03]) * people.age
        ball = np.broadcast_to(sclera[:, None], (len(sclera), white.sum(), 3))
        ball = _over(ball, _SCLERA_RED, eye["redness"] * face.eye_corners[white])
        radius, pupil = eye["iris_radius"], eye["pupil_radius"]
        # Lighter round the pupil, a dark ring at the rim.
        rim = soft_step(from_pupil, radius - 1.0, 1.3)
        shade = 1.12 - 0.62 * rim
        iris = np.clip(people.iris_color[:, None] * shade[..., None], 0, 1)
        opacity = soft_step(radius - from_pupil, 0.0, 1.0)[..., None]
        ball = ball + (iris - ball) * opacity
        ball = _over(ball, _PUPIL, soft_step(pupil - from_pupil, 0.0, 0.8))
        ball = ball * (1 - 0.45 * face.lid_shade[white][:, None])
        painted = colors.copy()
        painted[:, white] = ball
        return painted


def _over(colors: np.ndarray, paint: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """`paint` [3] or [n, 3] over `colors` [n, V, 3] with `opacity` [V] or [n, V]."""
    paint = paint[:, None] if paint.ndim == 2 else paint
    opacity = np.broadcast_to(opacity, colors.shape[:2])
    return colors + (paint - colors) * opacity[..., None]
