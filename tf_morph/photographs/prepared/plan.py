"""Which photograph goes into which shard."""

import dataclasses
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tf_morph.config import expand_path
from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs, list_photographs
from tf_morph.photographs.prepared.recipe import Recipe

_STAT_THREADS = 16  # files are asked after at once: on a network drive each takes its time


@dataclasses.dataclass(frozen=True)
class ShardPlan:
    """One shard's photographs, and how they are to be prepared.

    Attributes:
      name: of its files, without suffix.
      base: the folder that `paths` are relative to.
      paths: of the photographs, in the order of the listing.
      identities: the person on each.
      recipe: see `Recipe`.
    """

    name: str
    base: str
    paths: tuple[str, ...]
    identities: tuple[str, ...]
    recipe: Recipe

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def files(self) -> list[str]:
        """Where the photographs are."""
        return [os.path.join(self.base, path) for path in self.paths]

    def inputs_digest(self) -> str:
        """Hex; another one where a photograph's file, a name or the recipe is another.

        Files count as the same by their size and time of change; each is asked after.
        """
        with ThreadPoolExecutor(_STAT_THREADS) as pool:
            stamps = list(pool.map(_stamp, self.files))
        inputs = [self.recipe.digest, self.paths, self.identities, stamps]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Plan:
    """All photographs, in shards.

    A photograph's shard is drawn by its path alone: each shard is a random sample of people, and
    where photographs are added or taken away, other shards stay as they are.

    Attributes:
      base: the folder that paths are relative to.
      photographs: what is prepared; paths relative to `base`, in the order of the listing.
      recipe: how.
      shards: the listing's indices in each shard, int64, increasing.
    """

    base: Path
    photographs: Photographs
    recipe: Recipe
    shards: tuple[np.ndarray, ...]

    def shard(self, number: int) -> ShardPlan:
        """The shard of this number, from 0."""
        chosen = self.photographs.select(self.shards[number])
        name = f"{number:05d}-of-{len(self.shards):05d}"
        return ShardPlan(name, str(self.base), chosen.paths, chosen.identities, self.recipe)


def make_plan(source: str | Path, recipe: Recipe, shard_photographs: int) -> Plan:
    """The plan for a folder of photographs or a list of them.

    Args:
      source: as `list_photographs` takes it.
      recipe: how to prepare them.
      shard_photographs: how many photographs go into a shard, on average.

    Raises:
      InputError: as `list_photographs`.
    """
    if shard_photographs < 1:
        raise InputError(f"{shard_photographs} photographs a shard; give 1 or more")
    root = expand_path(str(source)).absolute()
    listed = list_photographs(root)
    base = root if root.is_dir() else root.parent
    prefix = len(os.path.join(base, ""))
    relative = tuple(
        path[prefix:] if path.startswith(os.path.join(base, "")) else path for path in listed.paths
    )
    count = -(-len(relative) // shard_photographs)
    drawn = np.array([_draw(path, count) for path in relative], np.int64)
    ends = np.cumsum(np.bincount(drawn, minlength=count))[:-1]
    shards = tuple(np.split(np.argsort(drawn, kind="stable"), ends))
    return Plan(base, dataclasses.replace(listed, paths=relative), recipe, shards)


def _draw(path: str, count: int) -> int:
    digest = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % count


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
