"""Faces as surfaces: meshes of any make brought onto scans, and how far they are from them."""
