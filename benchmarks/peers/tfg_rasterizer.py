"""TF-Graphics' own CPU rasterizer, compiled from the sources in its wheel.

The binary in that wheel does not load in today's TensorFlow; its sources compile unmodified. The
compiled library is kept, under a name made of the sources and TensorFlow's version and flags.
"""

import functools
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import tensorflow as tf

CACHE = Path("~/.cache/tf_morph/tfg_rasterizer").expanduser()
_PACKAGE = "tensorflow_graphics.rendering.kernels"
_FLAGS = ["-shared", "-fPIC", "-O2"]  # as in the package's own build file
_BUILD_SECONDS = 300


class Unavailable(RuntimeError):
    """The rasterizer cannot be built or loaded here; the message says why."""


@functools.cache
def build(cache: Path = CACHE) -> ModuleType:
    """The module with the op `rasterize_triangles`; compiles it where it is not in `cache` yet.

    The op draws one mesh [V, 4], and a pixel's id is 0 where there is nothing, too: all weights are
    zero there. Row 0 of its images is the bottom. Its face_culling_mode 1 leaves out what
    `cull_back_faces` leaves out, whatever its text says of clockwise. It reckons in fixed point of
    16 binary places, where clip coordinates of some hundreds overflow: scale them down first.

    Raises:
      Unavailable: there is no g++, no sources, or they do not compile or load.
    """
    library = cache / f"{_key()}.so"
    if not library.exists():
        _compile(library)
    try:
        return tf.load_op_library(str(library))
    except (tf.errors.OpError, OSError) as error:
        raise Unavailable(f"{library} does not load: {error}") from error


def backend(cache: Path = CACHE) -> ModuleType:
    """TF-Graphics' own Python around the op: its module with `rasterize`.

    Raises:
      Unavailable: see `build`.
    """
    sys.modules.setdefault(f"{_PACKAGE}.gen_rasterizer_op", build(cache))
    return importlib.import_module(f"{_PACKAGE}.rasterization_backend")


def is_built(cache: Path = CACHE) -> bool:
    """Whether `build` finds the library compiled."""
    try:
        return (cache / f"{_key()}.so").exists()
    except Unavailable:
        return False


def _key() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in _sources().iterdir() if p.suffix in (".cc", ".h")):
        digest.update(path.read_bytes())
    digest.update(" ".join([tf.__version__, sys.platform, *_flags()]).encode())
    return f"{tf.__version__}-{digest.hexdigest()[:16]}"


def _compile(library: Path) -> None:
    compiler = shutil.which("g++")
    if compiler is None:
        raise Unavailable("there is no g++")
    library.parent.mkdir(parents=True, exist_ok=True)
    sources = [str(path) for path in sorted(_sources().glob("*.cc"))]
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        made = str(Path(folder) / library.name)
        command = [compiler, *sources, "-o", made, *_flags()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"g++ took over {_BUILD_SECONDS} s") from error
        if done.returncode:
            raise Unavailable(f"g++ failed: {done.stderr[-2000:]}")
        os.replace(made, library)  # whole or not at all, should another process load it


def _flags() -> list[str]:
    return [*_FLAGS, *tf.sysconfig.get_compile_flags(), *tf.sysconfig.get_link_flags()]


def _sources() -> Path:
    spec = importlib.util.find_spec("tensorflow_graphics")
    if spec is None:
        raise Unavailable("tensorflow-graphics is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "rendering" / "kernels"
    if not list(folder.glob("*.cc")):
        raise Unavailable(f"{folder} holds no sources")
    return folder
