"""ICT-FaceKit's 68 landmarks under the ids the Basel files use."""

import numpy as np

# Basel id -> iBUG indices whose middle it is. iBUG counts from the subject's right.
_SOURCES = {
    "right.eye.corner_outer": (36,),
    "right.eye.corner_inner": (39,),
    "left.eye.corner_inner": (42,),
    "left.eye.corner_outer": (45,),
    "right.eye.top": (37, 38),
    "right.eye.bottom": (40, 41),
    "left.eye.top": (43, 44),
    "left.eye.bottom": (46, 47),
    "center.nose.tip": (30,),
    "center.nose.attachement_to_philtrum": (33,),
    "right.nose.wing.tip": (31,),
    "left.nose.wing.tip": (35,),
    "right.lips.corner": (48,),
    "left.lips.corner": (54,),
    "center.lips.upper.outer": (51,),
    "center.lips.upper.inner": (62,),
    "center.lips.lower.inner": (66,),
    "center.lips.lower.outer": (57,),
    "center.chin.tip": (8,),
}


def basel_landmarks(contours: np.ndarray, eyes: np.ndarray) -> dict[str, np.ndarray]:
    """Basel landmark ids -> [3], mm, from the 68 landmarks [68, 3] and the foremost points of the
    right and left eyeball [2, 3], mm."""
    landmarks = {name: contours[list(ids)].mean(axis=0) for name, ids in _SOURCES.items()}
    for side, pupil in zip(("right", "left"), eyes, strict=True):
        landmarks[f"{side}.eye.pupil.center"] = np.asarray(pupil, np.float64)
    return landmarks
