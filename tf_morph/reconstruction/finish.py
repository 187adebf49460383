"""What is made of a head beyond its neutral mesh with the face model's colours."""

from dataclasses import dataclass

from tf_morph.errors import InputError

MODEL, PHOTOGRAPH = "model", "photograph"
TEXTURES = (MODEL, PHOTOGRAPH)


@dataclass(frozen=True)
class Finish:
    """How heads look.

    Attributes:
      texture: `MODEL`: the face model's colours; `PHOTOGRAPH`: the photograph's pixels where it
        shows the face.
      expression: the one fitted to the photograph, not the neutral one.
    """

    texture: str = MODEL
    expression: bool = False

    def check(self, fit: bool) -> None:
        """Whether heads can be finished so, with or without the views of their photographs.

        Raises:
          InputError: there is no such texture, or a view is needed.
        """
        if self.texture not in TEXTURES:
            raise InputError(f"texture {self.texture!r}: give one of {', '.join(TEXTURES)}")
        wanted = "texture=photograph" if self.texture == PHOTOGRAPH else "expression"
        if self != PLAIN and not fit:
            raise InputError(f"{wanted}: needs the fit to the photograph; ask for that, too")


PLAIN = Finish()  # neutral, in the model's colours
