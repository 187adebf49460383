"""Names that stand in every table: the methods compared, and the roles of networks."""

HELD_OUT = "held_out"  # a network that took no part in training
TRAINING = "training"  # one whose features were compared in training
ROLES = {HELD_OUT: "held out", TRAINING: "trained on"}  # in words, for figures

OURS = "ours"
OURS_TURNED = "ours_turned"
OURS_FROM_ANOTHER = "ours_from_another_photograph"
TRUE_FACE = "true_face"
TRUE_FACE_IN_MODEL = "true_face_in_model"
SUPERVISED = "supervised"
SUPERVISED_LINEAR = "supervised_linear"
ANOTHER_PHOTOGRAPH = "another_photograph"
MEAN_FACE = "mean_face"
RANDOM_FACE = "random_face"
SOMEBODY_ELSE = "somebody_else"
CHANCE = "chance"

METHODS = {
    OURS: "the rendering of the prediction for the very photograph in the gallery",
    OURS_TURNED: "the same face seen from the side",
    OURS_FROM_ANOTHER: "the rendering of the prediction for another photograph",
    TRUE_FACE: "the rendering of the ground-truth face: a perfect prediction (a bound no run "
    "should pass by much at a held-out network; to a network it was trained on, a run may repeat "
    "more of the very photograph)",
    TRUE_FACE_IN_MODEL: "the rendering of the ground-truth face projected into the regressor's "
    "model: the best prediction it allows (the same)",
    SUPERVISED: "the rendering of what a decoder like ours predicts that was trained on the "
    "training people's true coefficients: what the encoder's features hold of the truth",
    SUPERVISED_LINEAR: "the same by the best linear map in the decoder's place",
    ANOTHER_PHOTOGRAPH: "another photograph of the person, no rendering (reference)",
    MEAN_FACE: "the rendering of the mean face, whoever is looked for (floor)",
    RANDOM_FACE: "the rendering of a face sampled from the morphable model's prior (floor)",
    SOMEBODY_ELSE: "the rendering of the prediction for another person's photograph (floor; below "
    "chance where that person, too, is in the gallery, and is found)",
    CHANCE: "a random order: k of the gallery's size, exactly (reference)",
}
