"""Files in the layout of GNM Head v3: of random numbers of any size, or a head of ellipsoids."""

import numpy as np

# As published: 17,821 vertices, 253 identity and 383 expression components.
FULL_SIZE = {"vertices": 17_821, "identities": 253, "expressions": 383}
_GROUPS = ("skin", "left_eye", "right_eye", "teeth", "tongue", "iris")
_COMPONENTS = _GROUPS[:5]


def random_arrays(vertices=90, identities=5, expressions=4, joints=4, seed=0) -> dict:
    """All 23 arrays, float32, in metres; the vertices' groups divide them in blocks."""
    rng = np.random.default_rng(seed)
    quads = rng.integers(0, vertices, (vertices - 9, 4), dtype=np.int32)
    triangles = quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    block = np.arange(vertices) * len(_COMPONENTS) // vertices
    groups = [*(block == number for number in range(len(_COMPONENTS))), block == 1]

    def normal(*shape, scale=1.0):
        return scale * rng.standard_normal(shape, dtype=np.float32)

    return {
        "version": np.array("3.0"),
        "variant": np.array("head"),
        "template_vertex_positions": normal(vertices, 3, scale=0.1),
        "template_joint_positions": normal(joints, 3, scale=0.1),
        "vertex_identity_basis": normal(identities, vertices, 3, scale=1e-3),
        "joint_identity_basis": normal(identities, joints, 3, scale=1e-3),
        "expression_basis": normal(expressions, vertices, 3, scale=1e-3),
        "identity_names": np.array([f"head_{i:03d}" for i in range(identities)]),
        "joint_names": np.array(["neck", "head", "left_eye", "right_eye"][:joints]),
        "expression_names": np.array([f"lower_face_region_{i:03d}" for i in range(expressions)]),
        "joint_parent_indices": np.arange(-1, joints - 1, dtype=np.int32),
        "skinning_weights": normal(joints, vertices),
        "quads": quads,
        "triangles": triangles,
        "quad_uvs": rng.random((len(quads), 4, 2), dtype=np.float32),
        "triangle_uvs": rng.random((len(triangles), 3, 2), dtype=np.float32),
        "mesh_component_names": np.array(_COMPONENTS),
        "mirror_indices": np.arange(vertices, dtype=np.int32),
        "joint_regressor": normal(joints, vertices),
        "pose_correctives_regressor": np.zeros((9 * joints, 3 * vertices), np.float32),
        "bone_aligned_template_joint_orientations": normal(joints, 3, 3),
        "vertex_groups": np.array(groups, np.float32),
        "vertex_group_names": np.array(_GROUPS),
    }


def head_arrays(seed=0) -> tuple[dict, np.ndarray]:
    """As `random_arrays`, but the template is a head: a skull, two eyeballs, teeth.

    Returns:
      The arrays, and the vertices that are its 68 landmarks.
    """
    contours = face_contours()
    skull = _ellipsoid(24) * [75, 110, 95] + [0, -20, -40]
    eyes = [_ellipsoid(8) * 12 + [x, 0, 22] for x in (32, -32)]  # the left one first, as there
    teeth = _ellipsoid(5) * [20, 6, 4] + [0, -69, 30]
    blocks = [np.concatenate([contours, skull]), *eyes, teeth, teeth - [0, 3, 8]]
    template = (np.concatenate(blocks) / 1000).astype(np.float32)
    arrays = random_arrays(len(template), seed=seed)
    block = np.repeat(np.arange(len(blocks)), [len(part) for part in blocks])
    groups = [*(block == number for number in range(len(blocks))), block == 1]
    changes = {"template_vertex_positions": template, "vertex_groups": np.array(groups, float)}
    return arrays | changes, np.arange(68)


def face_contours() -> np.ndarray:
    """68 points of a face in iBUG's order, mm, the middle of the eyes at the origin; [68, 3]."""
    around = np.linspace(-100, 100, 17) * np.pi / 180
    jaw = np.stack([68 * np.sin(around), -20 - 90 * np.cos(around)], axis=1)
    across = np.linspace(0, 1, 5)
    brow = np.stack([15 + 38 * across, 22 + 8 * np.sin(np.pi * across)], axis=1)
    bridge = np.stack([np.zeros(4), np.linspace(-2, -34, 4)], axis=1)
    wings = np.stack([np.linspace(-15, 15, 5), -45 - 2 * np.sin(np.pi * across)], axis=1)
    lid = np.array([[-15, 0], [-6, 5], [6, 5], [15, 0], [6, -4], [-6, -4]])
    outer = _ring([24, 9], [0, -69], 12)
    inner = _ring([18, 2], [0, -69], 8)
    mirrored = brow[::-1] * [-1, 1]
    flat = [jaw, mirrored, brow, bridge, wings, lid - [32, 0], lid + [32, 0], outer, inner]
    points = np.concatenate(flat)
    depth = 45 - 0.006 * points[:, 0] ** 2 - 0.002 * points[:, 1] ** 2
    depth[30] += 22
    return np.column_stack([points, depth])


def _ring(radii, centre, count) -> np.ndarray:
    """From the left end over the top and back, [count, 2]."""
    angles = np.pi - 2 * np.pi * np.arange(count) / count
    return np.column_stack([np.cos(angles), np.sin(angles)]) * radii + centre


def _ellipsoid(rings) -> np.ndarray:
    """Points of the unit sphere, [rings * 2 * rings, 3]."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, 2 * rings), indexing="ij"
    )
    x, z = np.sin(polar) * np.sin(around), np.sin(polar) * np.cos(around)
    return np.stack([x, np.cos(polar), z], axis=-1).reshape(-1, 3)
