"""What skin reflects: the constants of the Phong model, shared by all kernels."""

# Ours: skin reflects some 4 % straight on (Fresnel, index about 1.4), broadly.
SPECULAR = 0.035
SHININESS = 12  # the kernels take this power by multiplying
# (n + 2) / 2 pi makes Phong's lobe reflect the share SPECULAR; pi is in the light's unit.
LOBE = SPECULAR * (SHININESS + 2) / 2
SMALLEST = 1e-12  # mm^2: what is shorter squared has no direction
