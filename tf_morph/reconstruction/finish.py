"""What is made of a head beyond its neutral mesh with the face model's colours."""

from dataclasses import dataclass

from tf_morph.errors import InputError
from tf_morph.hairstyles import HAIR_CHOICES, NO_HAIR

MODEL, PHOTOGRAPH = "model", "photograph"
TEXTURES = (MODEL, PHOTOGRAPH)
_BARE = ("bald", "receding")  # they repaint the scalp


@dataclass(frozen=True)
class Finish:
    """How heads look.

    Attributes:
      texture: `MODEL`: the face model's colours; `PHOTOGRAPH`: the photograph's pixels where it
        shows the face.
      expression: the one fitted to the photograph, not the neutral one.
      hair: of `HAIR_CHOICES`.
    """

    texture: str = MODEL
    expression: bool = False
    hair: str = NO_HAIR

    def check(self, fit: bool) -> None:
        """Whether heads can be finished so, with or without the views of their photographs.

        Raises:
          InputError: there is no such texture or hair, a view is needed, or the photograph's own
            pixels have the hair that is to go.
        """
        if self.hair not in HAIR_CHOICES:
            raise InputError(f"hair {self.hair!r}: give one of {', '.join(HAIR_CHOICES)}")
        if self.texture not in TEXTURES:
            raise InputError(f"texture {self.texture!r}: give one of {', '.join(TEXTURES)}")
        wanted = "texture=photograph" if self.texture == PHOTOGRAPH else "expression"
        if self.needs_photograph and not fit:
            raise InputError(f"{wanted}: needs the fit to the photograph; ask for that, too")
        if self.texture == PHOTOGRAPH and self.hair in _BARE:
            raise InputError(
                f"hair={self.hair}: a photograph's texture has the photograph's own hair; choose "
                "a style that covers it, or the model's texture"
            )

    @property
    def needs_photograph(self) -> bool:
        """Whether the view of the head's photograph is needed."""
        return self.texture == PHOTOGRAPH or self.expression


PLAIN = Finish()  # neutral, in the model's colours
