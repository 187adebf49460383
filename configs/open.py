"""Real photographs (LFW) on the open head, read by dlib's network; needs $TF_MORPH_ASSETS.

python train.py --config=configs/open.py && python evaluate.py --config=configs/open.py
"""

from tf_morph.config import assets_path, identity_config, network_config
from tf_morph.photographs.crop_rules import CROP_RULES, WIDE
from tf_morph.recognition.named import named_network
from tf_morph.regression.default_config import default_config

SIZE = 160  # pixels: dlib's part of the frame is then 131 of its 150
CROP = "aligned_wide"


def get_config():
    config = default_config()
    config.description = "LFW photographs, the open head, dlib's network and MobileFace V2"
    config.face_model.path = "makehuman"
    config.photographs.update({"folder": assets_path("lfw"), "crop": CROP, "size": SIZE})
    config.rendering.update({"size": SIZE, "five_points": CROP_RULES[CROP].template})
    config.rendering.hair_from_scalp = True
    dlib = named_network(
        "dlib_resnet", outputs=["group3_pooled", "group4_pooled", "pooled", "centred"]
    )
    dlib.crop = WIDE.part_of(CROP_RULES["aligned_dlib"])
    config.encoder = dlib
    config.encoder_outputs = ("group3_pooled", "group4_pooled", "centred")
    mobileface = _mobile("mobileface_v2")
    config.identity.dlib = identity_config(dlib.copy_and_resolve_references(), ("centred",))
    config.identity.mobileface = identity_config(mobileface, ("features", "embedding"))
    config.judge = _mobile("mobilefacenet_y1")
    config.loss.update({"batch_shape": 1.0, "batch_texture": 2.0, "parameter": 3.0})
    config.loss.update({"batch_covariance": 5.0, "low_frequency_color": 2.0})
    config.scene.update({"yaw_degrees": 10.0, "pitch_degrees": 5.0})
    config.training.update({"rendered_faces": 24, "views": 1, "synthetic_faces": 24, "steps": 3000})
    config.training.drawn_triangles = 12_000
    return config


def _mobile(name):
    network = network_config(name, assets_path("recognition", name))
    network.crop = WIDE.part_of(CROP_RULES["aligned"])
    return network
