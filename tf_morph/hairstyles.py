"""The hairstyles that can be drawn around a face, by name."""

from tf_morph.errors import InputError

STYLES = ("bald", "shaved", "short", "receding", "curly", "chin_length", "long")
USUAL_STYLE = "short"  # of the evaluation's pictures
NO_HAIR = "none"  # heads that are shown and written as the face model has them
HAIR_CHOICES = (NO_HAIR, *STYLES)

# How often each is drawn (ours): press photographs, of more men than women.
STYLE_WEIGHTS = {
    "bald": 0.06,
    "shaved": 0.16,
    "short": 0.34,
    "receding": 0.10,
    "curly": 0.06,
    "chin_length": 0.14,
    "long": 0.14,
}


def style_index(name: str) -> int:
    """The number by which scenes and surrounds name a style.

    Raises:
      InputError: there is no such style.
    """
    if name not in STYLES:
        raise InputError(f"no hairstyle {name!r}; there are {', '.join(STYLES)}")
    return STYLES.index(name)
