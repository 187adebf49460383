"""What is asked of a gallery, and of the tables that go with it: names and their meanings."""

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
    OURS_TURNED: "the same face seen from the side: whether it is the person's in the round, too",
    OURS_FROM_ANOTHER: "the rendering of the prediction for another photograph",
    TRUE_FACE: "the rendering of the person's true face: a perfect prediction (a bound no run "
    "should pass by much at the judge; to the network it was trained on, a run may repeat more of "
    "the very photograph)",
    TRUE_FACE_IN_MODEL: "the rendering of what the regressor's model can show of the true face: "
    "the best prediction it allows (the same)",
    SUPERVISED: "the rendering of what a decoder like ours predicts that was trained on the "
    "training people's true coefficients: what the encoder's features hold of the truth",
    SUPERVISED_LINEAR: "the same by the best linear map in the decoder's place",
    ANOTHER_PHOTOGRAPH: "another photograph of the person, no rendering (reference)",
    MEAN_FACE: "the rendering of the mean face, whoever is asked for (floor)",
    RANDOM_FACE: "the rendering of a face drawn from the morphable model's prior (floor)",
    SOMEBODY_ELSE: "the rendering of the prediction for another person's photograph (floor; below "
    "chance where that person, too, stands in the gallery, and is found)",
    CHANCE: "an order drawn at random: k of the gallery's size, exactly (reference)",
}
