"""What people look like: the draws behind the colour basis.

Every number here is ours, chosen so that samples look like people; none is a statistic of any
population.
"""

import dataclasses

import numpy as np

# sRGB-coded colours.
HAIR_COLORS = np.array(
    [
        [0.09, 0.075, 0.07],  # black
        [0.19, 0.135, 0.10],  # dark brown
        [0.33, 0.235, 0.165],  # brown
        [0.50, 0.38, 0.26],  # dark blond
        [0.68, 0.56, 0.40],  # blond
        [0.47, 0.25, 0.14],  # red
    ]
)
_WARMTH = 0.42  # red minus blue over the lightness of hair
_HUE_KEPT, _MOST_HUE = 0.3, 0.04
GREY_HAIR = np.array([0.62, 0.61, 0.60])
IRIS_COLORS = np.array(
    [
        [0.15, 0.09, 0.06],  # black-brown
        [0.28, 0.17, 0.10],  # brown
        [0.42, 0.31, 0.17],  # hazel
        [0.40, 0.43, 0.31],  # green
        [0.42, 0.53, 0.64],  # blue
        [0.50, 0.54, 0.57],  # grey
    ]
)


@dataclasses.dataclass(frozen=True)
class Traits:
    """n people; each field [n, 1] unless said; amounts in [0, 1], shifts in canonical mm,
    "z" standard normal."""

    lightness: np.ndarray  # of the skin: sRGB-coded green
    blood: np.ndarray  # optical depth
    yellow: np.ndarray  # z
    male: np.ndarray
    age: np.ndarray  # 0 young, 1 old
    hair_color: np.ndarray  # [n, 3]
    brow_color: np.ndarray  # [n, 3]
    brow: dict[str, np.ndarray]
    hair: dict[str, np.ndarray]
    beard: dict[str, np.ndarray]
    beard_color: np.ndarray  # [n, 3]
    iris_color: np.ndarray  # [n, 3]
    eye: dict[str, np.ndarray]
    lips: dict[str, np.ndarray]
    skin: dict[str, np.ndarray]


def draw_traits(count: int, rng: np.random.Generator) -> Traits:
    """`count` people, drawn independently."""

    def normal(mean=0.0, deviation=1.0):
        return mean + deviation * rng.standard_normal((count, 1))

    def uniform(low=0.0, high=1.0):
        return rng.uniform(low, high, (count, 1))

    male = (uniform() < 0.6).astype(float)
    age = uniform() ** 1.2
    tone = normal()
    lightness = np.clip(0.60 + 0.11 * tone, 0.24, 0.77)
    hair_color, darkness = _hair_colors(tone, rng)
    grey = np.clip((age - 0.55) * 3.0 + normal(0, 0.35), 0, 1) * (uniform() < 0.8)
    dyed = _mix(hair_color, GREY_HAIR, grey)
    brow_color = _mix(hair_color * 0.85, GREY_HAIR * 0.85, 0.55 * grey)
    beard_color = _mix(hair_color * 0.9, GREY_HAIR * 1.05, np.clip(grey + 0.15 * age, 0, 1))
    dyed, brow_color, beard_color = map(_of_one_hue, (dyed, brow_color, beard_color))
    return Traits(
        lightness=lightness,
        blood=np.clip(normal(0.28, 0.055), 0.08, 0.6),
        yellow=normal(),
        male=male,
        age=age,
        hair_color=dyed,
        brow_color=brow_color,
        beard_color=beard_color,
        iris_color=_iris_colors(darkness, rng),
        brow={
            "density": np.clip(normal(0.76 + 0.06 * male, 0.12), 0.35, 0.97),
            "thickness": np.clip(normal(0.95 + 0.2 * male, 0.18), 0.5, 1.7),
            "height": normal(0.4 - 0.8 * male, 1.1),
            "arch": normal(0.5 - 0.5 * male, 1.1),
            "tilt": normal(0, 1.0),
            "inner": normal(0, 2.5),
            "outer": normal(0, 4.0),
        },
        hair={
            "density": np.where(uniform() < 0.15 * male, uniform(0, 0.4), uniform(0.75, 1.0)),
            "height": normal(5 * age * male, 6.0),
            "recession": np.clip(normal(7 * age * male, 6.0), -8, 25),
            "fringe": np.where(uniform() < 0.22, uniform(8, 24), 0.0) * (1 - 0.6 * male),
            "side": normal(0, 6.0),
        },
        beard=_beards(male, count, rng),
        eye={
            "iris_radius": normal(5.9, 0.15),
            "pupil_radius": normal(2.2, 0.4),
            "redness": np.clip(normal(0.35, 0.25), 0, 1),
            "sclera": normal(0.0, 1.0),
            "lash": np.clip(normal(0.62 - 0.15 * male, 0.2), 0.1, 0.95),
            "liner": (1 - male) * (uniform() < 0.45) * uniform(0.2, 0.9),
            "shadow": (1 - male) * (uniform() < 0.35) * uniform(0, 0.5),
            "shadow_hue": uniform(),
        },
        lips={
            "blood": np.clip(normal(0.42, 0.16), 0.05, 0.9),
            "melanin": normal(0.10, 0.08),
            "stick": (1 - male) * (uniform() < 0.5) * uniform(0.1, 0.5),
            "stick_red": uniform(),
            "grow": normal(-0.2, 0.8),
            "line": np.clip(normal(0.6, 0.15), 0.2, 0.95),
        },
        skin={
            "flush": np.clip(normal(0.14, 0.08), 0, 0.5),
            "nose_flush": np.clip(normal(0.10, 0.09), 0, 0.5),
            "zone": normal(),
            "socket": np.clip(normal(0.13, 0.12), -0.1, 0.6),
            "bags": np.clip(normal(0.10 + 0.28 * age, 0.12), 0, 0.8),
            "folds": np.clip(normal(0.08 + 0.4 * age, 0.12), 0, 0.9),
            "forehead_lines": np.clip((age - 0.4) * normal(0.7, 0.3), 0, 0.8),
            "freckles": (uniform() < 0.25) * uniform(0, 1.0) * (lightness > 0.5),
            "contour": normal(),
        },
    )


def _hair_colors(tone: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Natural hair colours [n, 3], darker under darker skin, and their darkness [n, 1]."""
    count = len(tone)
    shade = np.clip(1.45 + 1.05 * tone + 1.2 * rng.standard_normal((count, 1)), 0, 4)
    lower = np.minimum(shade.astype(int), 3)
    color = _mix(HAIR_COLORS[lower[:, 0]], HAIR_COLORS[lower[:, 0] + 1], shade - lower)
    red = (rng.uniform(size=(count, 1)) < 0.06) & (shade > 1.2)
    color = np.where(red, HAIR_COLORS[5], color)
    return color * np.exp(0.08 * rng.standard_normal((count, 1))), 1 - shade / 4


def _of_one_hue(colors: np.ndarray) -> np.ndarray:
    """Hair colours [n, 3] with little hue beside that which goes with their lightness.

    A linear model draws hue and lightness from one Gaussian: were they as free of one another as
    grey, black and red hair are, dark hair would come out blue.
    """
    lightness = colors.mean(axis=1, keepdims=True)
    usual = _WARMTH * lightness
    warmth = colors[:, :1] - colors[:, 2:]
    warmth = usual + np.clip(_HUE_KEPT * (warmth - usual), -_MOST_HUE, _MOST_HUE)
    return lightness + warmth * np.array([0.5, 0.0, -0.5])


def _iris_colors(darkness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    position = np.clip(4.2 * (1 - darkness) + 1.1 * rng.standard_normal(darkness.shape), 0, 5)
    lower = np.minimum(position.astype(int), 4)[:, 0]
    color = _mix(IRIS_COLORS[lower], IRIS_COLORS[lower + 1], position - lower[:, None])
    return color * np.exp(0.1 * rng.standard_normal(darkness.shape))


def _beards(male: np.ndarray, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Amounts of hair by region: a shaven shadow on most men, a style on some."""
    style = rng.choice(6, size=(count, 1), p=[0.56, 0.22, 0.08, 0.05, 0.06, 0.03])
    shadow = rng.uniform(0.08, 0.26, (count, 1))
    stubble = np.where(style == 1, rng.uniform(0.05, 0.3, (count, 1)), 0) + shadow
    full = rng.uniform(0.35, 0.65, (count, 1))
    regions = {
        "moustache": np.isin(style, (2, 3, 4)),
        "chin": np.isin(style, (3, 4, 5)),
        "cheeks": style == 4,
    }
    return {name: male * np.where(worn, full, stubble) for name, worn in regions.items()}


def _mix(first: np.ndarray, second: np.ndarray, amount: np.ndarray) -> np.ndarray:
    return first + (second - first) * amount
