"""Visibility and interpolation: speed and memory of both sets of kernels beside TF-Graphics'."""
