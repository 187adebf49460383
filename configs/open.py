"""Real photographs (LFW) on the open head, read by dlib's network; needs $TF_MORPH_ASSETS.

python train.py --config=configs/open.py && python evaluate.py --config=configs/open.py

Two x86-64 cores that did much other work, too: 51 minutes, 3.6 GB. MobileFaceNet y1, which took no
part in training, of 504 people never trained on: top-1 83.7 and top-5 96.0 % in galleries of 84,
68.5 and 86.5 % of all; rotated by 35 degrees 78.4 / 95.4 and 60.3 / 78.4 %; from another photograph
of the person 57.4 / 89.7 and 36.8 / 63.2 % (seed 0).

--config=configs/open.py:npm compares by networks that anybody can have (docs/assets.md has the
lines): dlib's, and of npm's human-models `mobileface`; its `faceres-deep` judges.
"""

from tf_morph.config import assets_path, identity_config, network_config
from tf_morph.photographs.crop_rules import CROP_RULES, WIDE
from tf_morph.recognition.named import named_network
from tf_morph.recognition.tfjs.known import place as npm_place
from tf_morph.regression.default_config import default_config

SIZE = 160  # pixels: dlib's part of the frame is then 131 of its 150
CROP = "aligned_wide"
# Beside dlib's in the identity loss, and the judge.
NETWORKS = {"assets": ("mobileface_v2", "mobilefacenet_y1"), "npm": ("mobileface", "faceres-deep")}


def get_config(networks="assets"):
    config = default_config()
    config.description = "LFW photographs on the open head"
    config.face_model.path = "makehuman"
    config.photographs.update({"folder": assets_path("lfw"), "crop": CROP, "size": SIZE})
    config.rendering.update({"size": SIZE, "five_points": CROP_RULES[CROP].template})
    config.rendering.hair_from_scalp = True
    dlib = named_network(
        "dlib_resnet", outputs=["group3_pooled", "group4_pooled", "pooled", "centred"]
    )
    dlib.crop = WIDE.part_of(CROP_RULES["aligned_dlib"])
    # Its narrow end alone leaves out much of what earlier maps show of shape and skin.
    config.encoder = dlib
    config.encoder_outputs = ("group3_pooled", "group4_pooled", "centred")
    second, judge = NETWORKS[networks]
    # By two networks: a face that one takes for the person is not yet that person to others.
    config.identity.dlib = identity_config(dlib.copy_and_resolve_references(), ("centred",))
    config.identity.mobileface = identity_config(
        _network(second, networks), ("features", "embedding")
    )
    config.judge = _network(judge, networks)
    # Ours: without it predicted coefficients hang on one another, and combinations come out that
    # no person has; and skin's colour is held to the photograph's.
    config.loss.update({"batch_covariance": 5.0, "low_frequency_color": 2.0})
    config.loss.update({"batch_shape": 1.0, "batch_texture": 2.0, "parameter": 3.0})
    # Press photographs, aligned: nearer to frontal than the default scenes.
    config.scene.update({"yaw_degrees": 10.0, "pitch_degrees": 5.0})
    config.training.update({"rendered_faces": 24, "views": 1, "synthetic_faces": 24, "steps": 3000})
    config.training.drawn_triangles = 12_000
    return config


def _network(name, networks):
    if networks == "npm":
        path = npm_place(name)
        network = network_config(name, path, kind="auto")
    else:
        network = network_config(name, assets_path("recognition", name))
    network.crop = WIDE.part_of(CROP_RULES["aligned"])
    return network
