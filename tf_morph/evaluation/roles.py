"""What part a network has in an evaluation."""

JUDGE = "judge"  # it took no part in training
TRAINING = "training"  # its features were compared in training
