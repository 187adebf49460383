"""The embedded world: faces that do not exist, made on first use; needs no assets.

python train.py --config=configs/demo.py && python evaluate.py --config=configs/demo.py

Two x86-64 cores: the world 43 seconds, once; training 1 min 48 s; evaluation one to two minutes.
Judge, of people never trained on: top-1 95.6 and top-5 100 % of 84, 69.8 and 93.4 % of 1,000 (mean
of seeds 0, 1, 2, drawn with all triangles; with the fewer of this config, seed 0: 94.0 and 100 %,
70.3 and 93.6 %).
"""

from tf_morph.config import identity_config, network_config
from tf_morph.embedded.photographer import photograph_distribution
from tf_morph.regression.default_config import default_config

WORLD = "runs/world"
AS_PHOTOGRAPHED = ("yaw_degrees", "pitch_degrees", "translation_depth_mm")  # of the scene
SIZE = 64  # pixels: of the world's photographs and its networks


def get_config():
    config = default_config()
    config.description = "the embedded world: rendered photographs of people who do not exist"
    config.embedded_world = WORLD
    config.face_model.path = f"{WORLD}/face_model.h5"
    config.photographs.update(
        {"folder": f"{WORLD}/photographs", "split": f"{WORLD}/split.csv", "size": SIZE}
    )
    config.truth = f"{WORLD}/truth"
    config.encoder = network_config(
        "encoder", "package:embedded/networks/encoder.keras", kind="keras", input_size=SIZE
    )
    config.encoder_outputs = ("features", "embedding")
    config.identity.encoder = identity_config(config.encoder)
    config.judge = network_config(
        "judge", "package:embedded/networks/judge.keras", kind="keras", input_size=SIZE
    )
    config.rendering.size = SIZE
    config.rendering.hair_from_scalp = True  # as in the photographs
    photographed = photograph_distribution()
    config.scene.update({field: photographed[field] for field in AS_PHOTOGRAPHED})
    # The paper's first stage, all along: read from drawings of known faces, coefficients that
    # photographs hardly show stay near the mean, where they cost the fewest millimetres.
    config.loss.parameter = 10.0
    config.training.update(
        {
            "steps": 900,
            "rendered_faces": 24,
            "views": 1,
            "synthetic_faces": 32,
            "picture_every": 300,
            "drawn_triangles": 8000,  # of 22,000: features as of all (docs/performance.md)
        }
    )
    return config
