"""Every field of a training run, with the values that hold where a config file is silent."""

import ml_collections
from ml_collections.config_dict import placeholder

from tf_morph.config import network_config
from tf_morph.regression.decoder import HIDDEN_UNITS
from tf_morph.rendering.camera import PORTRAIT_FIELD_OF_VIEW_DEGREES, PORTRAIT_FIVE_POINTS
from tf_morph.rendering.kernels import AUTO
from tf_morph.rendering.scene import default_distribution


def default_config() -> ml_collections.ConfigDict:
    """The whole schema. Paths may begin with `$TF_MORPH_ASSETS`; a path left empty must be set."""
    config = ml_collections.ConfigDict()
    config.description = ""
    config.seed = 0
    config.embedded_world = ""  # folder of the self-made assets, made on first use; empty: none
    config.face_model = ml_collections.ConfigDict(
        # components 0: all there are
        {"path": "", "shape_components": 0, "texture_components": 0}
    )
    config.photographs = ml_collections.ConfigDict(
        {
            "folder": "",
            # (left, top, right, bottom) in pixels; "aligned" or another rule of
            # photographs/crop_rules.py: by the face that is found; None: the whole photograph.
            "crop": None,
            "size": 112,  # pixels, after the crop
            # A CSV file of each person's set, `training` or a gallery's name; None: the people
            # tested are drawn, and the galleries from them.
            "split": placeholder(str),
            "test_identities": 504,  # with no `split` file
            "split_seed": 0,
            "mirrored": True,  # train on each photograph's mirror image too
        }
    )
    config.encoder = network_config("", "")
    config.encoder_outputs = ("features",)
    # The networks the identity loss compares by, one or several, by names of your own:
    # config.identity.NAME = identity_config(network, outputs, weight). The loss is the weighted
    # mean of theirs. Each network looks at its own `crop` of photograph and drawing.
    config.identity = ml_collections.ConfigDict()
    config.judge = network_config("", "")
    config.judge_output = "embedding"
    config.truth = placeholder(str)  # folder of the true faces (evaluation/known_truth); None: none
    config.rendering = ml_collections.ConfigDict(
        {
            "size": 112,  # pixels
            "field_of_view_degrees": PORTRAIT_FIELD_OF_VIEW_DEGREES,
            # Where the mean face's five points land: right eye, left eye, nose tip, right and left
            # corner of the mouth; as a share of the image's width and height.
            "five_points": PORTRAIT_FIVE_POINTS,
            "surround": True,  # hair, neck and shoulders around the face
            # The hair's colour is the face model's own, at its upper rim, not the scene's.
            "hair_from_scalp": False,
            # Outlines move the face, too: a gradient through which pixels it covers.
            "soft_silhouette": False,
            # "cpu": compiled for it, "tensorflow": plain operations, for any device; "auto":
            # TensorFlow's where it has a GPU, else the CPU's. Pictures are the same but for
            # rounding.
            "kernels": AUTO,
        }
    )
    config.scene = ml_collections.ConfigDict(default_distribution())
    config.decoder = ml_collections.ConfigDict({"hidden_units": HIDDEN_UNITS, "l2": 1e-5})
    config.loss = _loss_config()
    config.training = _training_config()
    config.distribution = ml_collections.ConfigDict(
        {
            # "mirrored": over this process' devices; "multi_worker": over processes, which
            # TF_CONFIG or Slurm names (docs/clusters.md). The batch is shared out among them all.
            "strategy": "none",
            "communication": "auto",  # of several workers: "ring", "nccl"; "auto": as fits
            "slurm_port": 12345,  # the first worker's on each node
        }
    )
    config.validation = ml_collections.ConfigDict(
        {
            # Held out of the training people to watch the run by, the test people never being
            # asked: the checkpoint of the highest recall is kept as the best. 0: none.
            "people": 0,
            "every": 250,  # steps
            # A name in `identity`, or "identity" for the first of them by name; or "judge". The
            # judge is to have no part in training, and choosing when to stop is one: of a run that
            # it watched, it is no independent judge.
            "network": "identity",
            "patience": 0,  # times recall may fail to rise before training ends; 0: for ever
        }
    )
    # Parts of the run by name: {"first_step": its first, counted from 1, and what it changes, such
    # as "loss": {"identity": 0.0}} (regression/stages.py says which fields may be). Steps before
    # the first stage are as the config stands.
    config.stages = ml_collections.ConfigDict()
    return config


def _loss_config() -> ml_collections.ConfigDict:
    """Weights of the terms; 0 leaves a term out, and what it alone needs is then not computed."""
    return ml_collections.ConfigDict(
        {
            "identity": 10.0,
            "batch_shape": 0.5,
            "batch_texture": 0.5,
            "loopback": 1.0,
            # "coefficients": the regressed face is a constant target; "rendering": the drawing is
            # a constant input, so that nothing flows back through the renderer; "none": neither.
            "loopback_stop_gradient": "coefficients",
            "parameter": 0.0,
            # Ours, not the paper's. The correlations of all coefficients over a batch: combinations
            # that no person has are held off.
            "batch_covariance": 0.0,
            # Ours, too: the inner face's colours in 8 x 8 cells, of drawing and photograph, but for
            # their brightness. For real photographs, whose colours networks hardly mind.
            "low_frequency_color": 0.0,
            "shape_weight": 1.0,  # within loopback and parameter loss
            "texture_weight": 1.0,
        }
    )


def _training_config() -> ml_collections.ConfigDict:
    return ml_collections.ConfigDict(
        {
            "steps": 3000,
            "decoded_faces": 256,  # photographs read a step: the batch statistics are over them
            "rendered_faces": 8,  # of them drawn
            "views": 3,  # drawings of each
            "synthetic_faces": 8,  # drawn from the prior a step, where the parameter loss is on
            # About as many triangles, of face and surround, are drawn of each face in training, at
            # the mesh's own vertices; 0: all. Evaluation and pictures to look at draw all.
            "drawn_triangles": 0,
            "optimizer": "adam",  # adamw, lion, rmsprop, sgd (with Nesterov's momentum of 0.9)
            "weight_decay": 0.0,
            "learning_rate": 1e-3,  # its peak
            "warmup_steps": 50,
            # After the warm-up: "constant", "cosine", "exponential" or "linear", to this share of
            # the peak at the run's end.
            "learning_rate_schedule": "cosine",
            "final_learning_rate": 0.0,
            "gradient_clip_norm": 1.0,  # over all weights; 0: gradients are not clipped
            "log_every": 50,  # steps
            "picture_every": 500,
            "checkpoint_every": 250,
            "keep_checkpoints": 2,
            # "mixed_bfloat16": the decoder's hidden layers are computed in it (docs/training.md).
            "mixed_precision": "float32",
            # 0: as many as there are cores. 1: the same run twice gives the same bits, killed and
            # gone on with or not.
            "threads": 0,
        }
    )
