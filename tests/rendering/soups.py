"""Random clip-space meshes of the kinds that break rasterizers, for hypothesis to draw."""

import itertools

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

# The same meshes in every run, however slow the machine.
steady = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CORNERS, TRIANGLES = 6, 8  # few shapes, or TensorFlow's kernels are traced time and again
SIZES = ((1, 1), (8, 8), (2, 16), (7, 5), (23, 17))  # height, width
POWERS_OF_TWO = ((1, 1), (8, 8), (2, 16), (16, 4))
_TRIPLES = np.array(
    [
        *itertools.permutations(range(CORNERS), 3),
        *[(i, i, j) for i, j in itertools.permutations(range(CORNERS), 2)],  # lines
    ],
    np.int32,
)
_STEPS = 16  # of the snapped places: pixel centres, corners and edges of all powers of two


@st.composite
def snapped_meshes(draw, behind=True):
    """Places that are sixteenths of half the image: edges and corners run through pixel centres.

    Returns:
      vertices [CORNERS, 4] float32 and triangles [TRIANGLES, 3], some of them twice, some lines;
      every coordinate is a short binary fraction.
    """
    places = draw(_arrays(np.int64, (CORNERS, 3), st.integers(-20, 20))) / _STEPS
    w = st.sampled_from([1.0, 1.0, 0.5, 1.5, 3.0, *([-1.0, 0.0] if behind else [])])
    return _with_w(places, draw(_arrays(np.float32, CORNERS, w))), draw(_triangles())


@st.composite
def general_meshes(draw):
    """Any places, a few of them huge, tiny, all but equal to another, or not finite."""
    places = draw(_arrays(np.float32, (CORNERS, 3), _floats(-2, 2)))
    w = st.one_of(_floats(0.125, 4), _floats(0.125, 4), _floats(-2, -0.25))
    vertices = _with_w(places, draw(_arrays(np.float32, CORNERS, w)))
    scale = st.sampled_from([1, 1, 1, 1, 1e6, 1e-6, 1e3])
    axes = [0, 1, 2] if draw(st.booleans()) else [0, 1, 2, 3]
    vertices[:, axes] *= draw(_arrays(np.float32, CORNERS, scale))[:, np.newaxis]
    if draw(st.booleans()):  # a few nearly equal: slivers and triangles of a part of a pixel
        vertices[4:] = vertices[3] * (1 + np.float32(1e-6) * vertices[4:])
    odd = st.tuples(
        st.integers(0, CORNERS - 1),
        st.integers(0, 3),
        st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1e6, 1e-6]),
    )
    for corner, axis, value in draw(st.lists(odd, max_size=2)):
        vertices[corner, axis] = value
    return vertices, draw(_triangles())


def _with_w(places, w):
    factor = np.where(w == 0, 1, np.abs(w))[:, np.newaxis]
    return np.concatenate([places * factor, w[:, np.newaxis]], 1).astype(np.float32)


@st.composite
def _triangles(draw):
    chosen = draw(_arrays(np.int32, TRIANGLES, st.integers(0, len(_TRIPLES) - 1)))
    for copy in draw(st.sets(st.integers(1, TRIANGLES - 1), max_size=2)):
        chosen[copy] = chosen[0]
    return _TRIPLES[chosen]


def _arrays(dtype, shape, elements):
    return arrays.arrays(dtype, shape, elements=elements, fill=st.nothing())


def _floats(low, high):
    return st.floats(low, high, width=32, allow_subnormal=False)


def generic_mesh(seed, corners=40, triangles=60):
    """Corners in front of the camera in general position, no triangle twice: depths never tie."""
    rng = np.random.default_rng(seed)
    w = rng.uniform(0.5, 3.0, corners)
    places = rng.uniform(-1.2, 1.2, (corners, 3)) * [1, 1, 0.8]
    every = np.array(list(itertools.combinations(range(corners), 3)), np.int32)
    chosen = rng.choice(len(every), triangles, replace=False)
    turned = rng.permuted(every[chosen], axis=1)
    return np.concatenate([places * w[:, None], w[:, None]], 1).astype(np.float32), turned
