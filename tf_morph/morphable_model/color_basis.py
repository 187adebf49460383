"""Colour basis."""
import numpy as np
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.morphable_model.modes import basis_of_modes
COLOR_COMPONENTS = 72
def color_basis(layout, components=COLOR_COMPONENTS, seed=0):
    V = len(layout.vertices)
    mean = np.tile(np.array([0.78, 0.6, 0.5]), (V, 1)); rng = np.random.default_rng(seed)
    mean[layout.eyes.any(0)] = 0.9
    f = rng.normal(size=(components, 3)); ph = rng.uniform(0, 6.28, (components, 3))
    modes = 0.02 * np.cos(layout.vertices @ (f.T / 25))[..., None].transpose(1, 0, 2) * np.ones(3)
    modes[0] = np.array([.15, .18, .18])
    return basis_of_modes(mean, modes)
