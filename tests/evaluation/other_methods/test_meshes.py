"""A face's mesh, moved and in another unit, is drawn as the face itself is."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tf_morph.evaluation.mesh import Mesh, write_landmarks, write_mesh
from tf_morph.evaluation.other_methods import draw_meshes
from tf_morph.regression.components import make_drawer, make_face_model
from tf_morph.regression.run import Run


@pytest.fixture(scope="module")
def run(tiny_config, tmp_path_factory):
    model = make_face_model(tiny_config, tmp_path_factory.mktemp("run") / "face_model.h5")
    return Run(tiny_config, model, make_drawer(tiny_config, model), None, None, None, 0)


def test_a_mesh_is_drawn_where_our_own_face_is(run, tmp_path):
    random = np.random.default_rng(0)
    shape, texture = 0.2 * random.normal(size=(1, 4)), random.normal(size=(1, 3))
    shape, texture = shape.astype(np.float32), texture.astype(np.float32)
    vertices = run.model.vertices(shape).numpy()[0].astype(float)
    colors = np.round(255 * np.clip(run.model.albedo(texture).numpy()[0], 0, 1)).astype(np.uint8)
    turn = Rotation.from_rotvec([0.3, -2.0, 0.5]).as_matrix()

    def moved(points):
        return 0.01 * points @ turn.T + 3.0

    file = tmp_path / "face.ply"
    write_mesh(file, Mesh.of(moved(vertices), run.model.triangles), colors)
    marks = {name: moved(point.astype(float)) for name, point in run.model.landmarks.items()}
    write_landmarks(file, marks)
    plain = tmp_path / "grey.obj"
    write_mesh(plain, Mesh.of(vertices, run.model.triangles))
    drawn = draw_meshes(run, [plain, file])
    assert drawn.kept.tolist() == [1]
    assert "no colours" in drawn.skipped[0][1]
    ours = run.draw(shape, texture)
    difference = np.abs(drawn.images.astype(int) - ours).mean()
    other = np.abs(run.draw(shape, -texture).astype(int) - ours).mean()
    assert difference < 0.25 * other
