"""A photograph in, a 3D head out."""
