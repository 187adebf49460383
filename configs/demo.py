"""The embedded world: open heads that are nobody's, made on first use; needs no assets.

python train.py --config=configs/demo.py && python evaluate.py --config=configs/demo.py
"""

from tf_morph.config import identity_config, network_config
from tf_morph.embedded.photographer import (
    DLIB_CROP,
    FIVE_POINTS,
    JUDGE_CROP,
    SIZE,
    photograph_distribution,
)
from tf_morph.recognition.named import named_network
from tf_morph.regression.default_config import default_config

WORLD = "runs/world"
READ = ("group3_pooled", "group4_pooled", "pooled", "centred")  # of dlib's network


def get_config():
    config = default_config()
    config.description = "the embedded world: rendered photographs of people who do not exist"
    config.embedded_world = WORLD
    config.face_model.path = f"{WORLD}/face_model.h5"
    config.photographs.update(
        {"folder": f"{WORLD}/photographs", "split": f"{WORLD}/split.csv", "size": SIZE}
    )
    config.truth = f"{WORLD}/truth"
    config.encoder = named_network("dlib_resnet", outputs=READ)
    config.encoder.crop = DLIB_CROP
    config.encoder_outputs = READ
    config.identity.dlib = identity_config(config.encoder, ("centred",))
    config.judge = network_config(
        "judge",
        "package:embedded/networks/judge.keras",
        kind="keras",
        input_size=112,
        crop=JUDGE_CROP,
    )
    config.rendering.update({"size": SIZE, "five_points": FIVE_POINTS})
    config.rendering.hair_from_scalp = True  # as in the photographs
    config.scene.update(photograph_distribution())
    # Without hidden layers: with the paper's two the decoder learns what is true of drawings alone,
    # and its coefficients of photographs spread too far (vertex error 3.7 instead of 3.2 mm).
    config.decoder.hidden_units = ()
    # The parameter loss, the paper's first stage, all along, and the batch distribution loss weak:
    # a coefficient that is read with correlation r is nearest to the truth when it spreads by r.
    # Identity by dlib's network alone is soon fooled: at 2 the error is 3.4 mm, at 8 it is 3.5.
    config.loss.update({"identity": 0.5, "parameter": 40.0, "loopback": 0.1})
    config.loss.update({"batch_shape": 0.1, "batch_texture": 0.1})
    config.training.update(
        {
            "steps": 300,
            "rendered_faces": 18,
            "views": 1,
            "synthetic_faces": 30,
            "picture_every": 100,
            "drawn_triangles": 12_000,
        }
    )
    return config
