"""A run's photographs may be cropped to the faces that are found on them."""

import numpy as np

from tests.photographs.painted_face import paint
from tf_morph.regression.default_config import default_config
from tf_morph.regression.photograph_sets import split_photographs


def test_faces_stand_alike_and_photographs_without_one_are_skipped(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "photographs"
    for name, faces in {"Ann": [(20, 30, 90)], "Ben": [(90, 70, 110)]}.items():
        (folder / name).mkdir(parents=True)
        paint((220, 200), *faces)[0].save(folder / name / f"{name}_0001.png")
    paint((220, 200))[0].save(folder / "Ben" / "Ben_0002.png")
    config = default_config()
    config.photographs.update(
        {"folder": str(folder), "crop": "aligned", "size": 32, "test_identities": 1}
    )
    split = split_photographs(config)
    assert split.skipped == ((str(folder / "Ben" / "Ben_0002.png"), "no face found"),)
    images = np.concatenate([split.training.images, split.test.images]).astype(float)
    assert len(images) == 2 and np.abs(images[0] - images[1]).mean() < 12
