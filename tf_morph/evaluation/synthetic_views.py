"""Synthetic views: faces rendered anew, rotated, lit from one side or with an expression."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.linear_basis import LinearBasis
from tf_morph.regression.drawing import Drawer
from tf_morph.regression.ground_truth_faces import Coefficients
from tf_morph.regression.run import Run
from tf_morph.rendering.scene import Scene

_LAMP_MM, _LAMP, _AMBIENT = 1500.0, 0.85, 0.15  # distance; shown by white that faces it; elsewhere
_SCENES = 7  # stream of the seed


@dataclass(frozen=True)
class View:
    """One way to render a face anew.

    Attributes:
      name, title, unit: as a `Perturbation` has them.
      amounts: growing in severity; at 0 it is the reference.
      scene: (scenes, amount) to the scenes of that amount.
      expression: the amounts are coefficients of the model's strongest expression.
    """

    name: str
    title: str
    unit: str
    amounts: tuple[float, ...]
    scene: Callable[[Scene, float], Scene]
    expression: bool = False

    def label(self, amount: float) -> str:
        """An amount in words."""
        return self.unit.format(f"{amount:g}")


@dataclass(frozen=True)
class Sitters:
    """Faces that can be rendered anew.

    Attributes:
      run: whose renderer renders them.
      model: of the faces; it has the run's mesh.
      faces: [N].
      seed: of the surroundings: background, hair, clothes and, but where they are set, lights.
    """

    run: Run
    model: MorphableModel
    faces: Coefficients
    seed: int

    def render(self, view: View, amount: float) -> np.ndarray:
        """uint8 sRGB [N, H, W, 3], a person's surroundings the same at every amount."""
        drawer = self.run.drawer
        model = _with_expression(self.model, amount) if view.expression else self.model
        seed = tf.constant([self.seed, _SCENES], tf.int32)
        scene = drawer.random_scene(len(self.faces.shape), seed)
        still = scene._replace(
            yaw_pitch_roll=tf.zeros_like(scene.yaw_pitch_roll),
            translation=tf.zeros_like(scene.translation),
        )
        of_model = Drawer(model, drawer.renderer, drawer.distribution)
        run = dataclasses.replace(self.run, drawer=of_model)
        return run.draw(*self.faces, view.scene(still, amount))


def views(model: MorphableModel) -> tuple[View, ...]:
    """Those the model allows."""
    if model.expression is None:
        return VIEWS
    return (*VIEWS, NAMED_EXPRESSION if model.expression_names else EXPRESSION)


def _posed(axis: int) -> Callable[[Scene, float], Scene]:
    def posed(scene: Scene, degrees: float) -> Scene:
        angles = np.zeros(3, np.float32)
        angles[axis] = np.deg2rad(degrees)
        return scene._replace(yaw_pitch_roll=scene.yaw_pitch_roll + angles)

    return posed


def _lit(across: float, up: float) -> Callable[[Scene, float], Scene]:
    """One lamp, from the camera's side towards (across, up), and a little light from everywhere."""

    def lit(scene: Scene, degrees: float) -> Scene:
        angle = np.deg2rad(degrees)
        towards = np.array([across * np.sin(angle), up * np.sin(angle), np.cos(angle)], np.float32)
        lamps = np.stack([_LAMP_MM * towards, [0.0, 0.0, _LAMP_MM]]).astype(np.float32)
        colors = np.repeat([[_LAMP], [0.0]], 3, axis=1).astype(np.float32)
        return scene._replace(
            light_positions=tf.zeros_like(scene.light_positions) + lamps,
            light_colors=tf.zeros_like(scene.light_colors) + colors,
            ambient=tf.zeros_like(scene.ambient) + _AMBIENT,
        )

    return lit


def _with_expression(model: MorphableModel, deviations: float) -> MorphableModel:
    """The model, all its faces with the expression that moves them most, so strong."""
    strongest = model.expression.standard_deviations.argmax()
    coefficients = np.zeros(model.expression_components, np.float32)
    coefficients[strongest] = deviations
    mean = model.shape.mean + model.expression.displacements(coefficients).numpy()
    shape = LinearBasis(mean, model.shape.basis, model.shape.standard_deviations)
    return dataclasses.replace(model, shape=shape)


VIEWS = (
    View("yaw", "head turned to the side", "{} degrees", (15.0, 30.0, 45.0, 60.0), _posed(0)),
    View("pitch_up", "head turned up", "{} degrees", (10.0, 20.0, 30.0, 40.0), _posed(1)),
    View("pitch_down", "head turned down", "{} degrees", (-10.0, -20.0, -30.0, -40.0), _posed(1)),
    View(
        "lamp_beside",
        "one lamp, from the side",
        "{} degrees",
        (30.0, 60.0, 90.0, 120.0),
        _lit(1, 0),
    ),
    View("lamp_below", "one lamp, from below", "{} degrees", (10.0, 20.0, 35.0, 60.0), _lit(0, -1)),
)
EXPRESSION = View(
    "expression",
    "the face model's strongest expression",
    "{} standard deviations",
    (1.0, 2.0, 3.0, 4.0),
    lambda scene, deviations: scene,
    expression=True,
)
NAMED_EXPRESSION = dataclasses.replace(
    EXPRESSION, unit="{} of the full expression", amounts=(0.25, 0.5, 0.75, 1.0)
)
