"""Faces that other methods read from the same photographs, judged as the run's own are."""
