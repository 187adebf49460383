"""What becomes of the prediction when the photograph is hard: the paper's FERET and BAM figures."""
