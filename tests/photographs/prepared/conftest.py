"""Photographs of noise, some of them unusable, and features that are a linear map of them."""

import numpy as np
import pytest
from PIL import Image

from tf_morph.photographs.prepared.folder import open_prepared
from tf_morph.photographs.prepared.manifest import write_manifest
from tf_morph.photographs.prepared.plan import make_plan
from tf_morph.photographs.prepared.recipe import NetworkRecord, Recipe
from tf_morph.photographs.prepared.shards import make_shard

SIZE = 8
PHOTOGRAPHS = 40
RECIPE = Recipe(None, SIZE, True, (NetworkRecord("linear", "0f", {"embedding": 5}),))
_KERNEL = np.random.default_rng(1).normal(size=(SIZE * SIZE * 3, 5)).astype(np.float32)


def compute(images):
    return {"0/embedding": (images.reshape(len(images), -1) / np.float32(255)) @ _KERNEL}


def save_photographs(folder, count=PHOTOGRAPHS):
    random = np.random.default_rng(0)
    for number in range(count):
        path = folder / "train" / f"n{number // 3:03d}" / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)


def make(source, out, numbers=None, recipe=RECIPE):
    """Makes some of the shards, by default all, and the manifest if that is possible."""
    plan = make_plan(source, recipe, 8)
    for number in range(len(plan.shards)) if numbers is None else numbers:
        make_shard(plan.shard(number), out, compute, threads=1)
    return write_manifest(plan, out)


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    save_photographs(folder)
    (folder / "train" / "n003" / "broken.png").write_bytes(b"no picture")
    (folder / "train" / "alone").mkdir()
    (folder / "train" / "alone" / "broken.png").write_bytes(b"no picture")
    (folder / "empty.png").touch()
    return folder


@pytest.fixture(scope="session")
def prepared(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared")
    make(source, out)
    return open_prepared(out)
