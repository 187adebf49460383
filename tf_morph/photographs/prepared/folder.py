"""A prepared folder, opened: who is on its photographs, and their images."""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from tf_morph.errors import InputError
from tf_morph.photographs.folders import Photographs
from tf_morph.photographs.prepared.manifest import INDEX, MANIFEST, SKIPPED, read_manifest
from tf_morph.photographs.prepared.recipe import LAYOUT_VERSION, Recipe
from tf_morph.photographs.prepared.records import read_image
from tf_morph.photographs.prepared.shards import NOBODY, SHARDS


@dataclasses.dataclass(frozen=True)
class PreparedFolder:
    """A prepared folder; images and features stay on disk.

    Attributes:
      path: the folder.
      recipe: how its photographs were prepared.
      photographs: those that can be used, in the order in which `list_photographs` lists them,
        and those that were skipped.
      people: everybody listed, also those whose photographs could not be used: a split by person
        is then that of the photographs themselves.
      shards: int64 [N], the shard of each photograph.
      rows: int64 [N], its record in that shard's files.
      offsets: int64 [N], the byte at which its record begins in the file of images.
      image_files: the shards' files.
      feature_files: likewise.
      counts: int64, how many photographs each shard has.
    """

    path: Path
    recipe: Recipe
    photographs: Photographs
    people: frozenset[str]
    shards: np.ndarray
    rows: np.ndarray
    offsets: np.ndarray
    image_files: tuple[str, ...]
    feature_files: tuple[str, ...]
    counts: np.ndarray

    @property
    def listed(self) -> Photographs:
        """`photographs`, then an entry without a path for each of `people` who is on none."""
        unseen = tuple(sorted(self.people - set(self.photographs.identities)))
        return Photographs(
            self.photographs.paths + ("",) * len(unseen), self.photographs.identities + unseen
        )

    def images(self, indices: Sequence[int]) -> np.ndarray:
        """The images uint8 [M, S, S, 3] of `photographs`' `indices` [M], read one by one.

        Raises:
          InputError: a file is damaged.
        """
        size = self.recipe.size
        images = np.empty((len(indices), size, size, 3), np.uint8)

        def read(row: int) -> None:
            index = indices[row]
            file = self.image_files[self.shards[index]]
            try:
                images[row] = read_image(file, int(self.offsets[index]))
            except (OSError, ValueError) as error:
                raise InputError(
                    f"{file}: damaged ({error}); remove it and prepare the photographs again"
                ) from error

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(read, range(len(indices))))
        return images


def open_prepared(folder: Path) -> PreparedFolder:
    """Opens a folder that `python -m tf_morph.photographs.prepare` filled.

    Raises:
      InputError: it did not, or not wholly; a file is missing, cut short or of another version.
    """
    manifest = read_manifest(folder)
    version = manifest["recipe"].get("layout_version")
    if version != LAYOUT_VERSION:
        raise InputError(
            f"{folder / MANIFEST}: layout version {version}, and this is of version "
            f"{LAYOUT_VERSION}; prepare the photographs again"
        )
    index = _table(folder / INDEX)
    skipped = _table(folder / SKIPPED)
    base = manifest["source"]
    columns = {name: index[name].to_numpy(np.int64) for name in ("shard", "row", "offset")}
    return PreparedFolder(
        path=folder,
        recipe=Recipe.from_json(manifest["recipe"]),
        photographs=Photographs(
            tuple(os.path.join(base, path) for path in index["path"]),
            tuple(index["identity"]),
            tuple(
                (os.path.join(base, path), reason)
                for path, reason in zip(skipped["path"], skipped["reason"], strict=True)
            ),
        ),
        people=frozenset(index["identity"]) | (frozenset(skipped["identity"]) - {NOBODY}),
        shards=columns["shard"],
        rows=columns["row"],
        offsets=columns["offset"],
        image_files=tuple(_paths(folder, manifest, "images")),
        feature_files=tuple(_paths(folder, manifest, "features")),
        counts=np.array([shard["photographs"] for shard in manifest["shards"]], np.int64),
    )


def _paths(folder: Path, manifest, kind: str) -> Iterator[str]:
    return (str(folder / SHARDS / shard[kind]["file"]) for shard in manifest["shards"])


def _table(path: Path) -> pd.DataFrame:
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)
