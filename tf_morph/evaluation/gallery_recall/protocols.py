"""The protocols of recall, written out."""

_COMMON = """\
- **View**: faces frontal, evenly lit, before a plain background, framed as the run's photographs
  are.
- **Features**: by each network, the judges' first, of the outputs the config compares; several
  outputs weigh alike (the mean of their cosines).
- **Score**: cosine. Entries within 1e-6 of each other are in random order, and a hit counts by its
  chance.
- **Averages**: over queries; 95 % intervals by 1,000 draws of people with replacement, each with
  all their queries.
- **Other methods** (`--method=NAME:FOLDER`): their pictures, or their coloured meshes drawn by our
  renderer, in the place of our drawings, of those photographs they have.
"""

MOFA = (
    """\
- **Gallery**: every photograph of the folder.
- **Queries**: the drawing of the face read from each photograph.
- **Hit**: any photograph of the same person among the first k; in rows of their own, the very
  photograph.
- **Crop**: the run's, where the folder is the run's; else the face is found and its five points
  brought to where the drawings have them.
"""
    + _COMMON
)

LFW = (
    """\
- **Gallery**: one photograph a person, the first by name.
- **Queries**: the drawings of the faces read from photographs: all of people never trained on, of
  those trained on all of some people that a seed draws. In rows of their own: people never trained
  on and trained on (by the names of their folders), the gallery's photograph and another.
- **Hit**: the person's photograph among the first k.
- **Crop**: the run's, where the folder is the run's; else the face is found and its five points
  brought to where the drawings have them.
"""
    + _COMMON
)
