"""One file that holds a regressor: config, decoder, and which networks and face model it needs.

A zip archive of `manifest.json`, `decoder.npz` and, where asked for, `face_model.h5`. Nothing in it
is code, and nothing is unpickled. Networks stay where the config says: the manifest knows by their
fingerprints whether they are still the same.

The file may be anybody's. It is checked in this order: which members it has and how large; the
manifest, field by field; the config, as every config is; the members' checksums; the face model
against its fingerprint. Nothing of it is written to disk but, for as long as it is read, the face
model, to a file that nothing else reads. What is kept between calls is a face model that was made
here, under its own fingerprint, and checked against that each time.
"""

import contextlib
import hashlib
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from tf_morph.array_cache import read_npz
from tf_morph.atomic import whole_file
from tf_morph.config import config_of, expand_path
from tf_morph.errors import InputError
from tf_morph.json_files import parse_json
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.sources import source_of
from tf_morph.reconstruction.run_parts import (
    RunParts,
    model_fingerprint,
    model_probe,
    same_model,
)
from tf_morph.regression.components import (
    check_components,
    coefficient_counts,
    make_encoder,
    make_face_model,
)
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.run_folder import complete

SUFFIX = ".tfmorph"
FORMAT = "tf_morph regressor, version 1"
_MANIFEST, _DECODER, _FACE_MODEL = "manifest.json", "decoder.npz", "face_model.h5"
_CACHE_FOLDER = "~/.cache/tf_morph/face_models"
# Of a member, unpacked.
_MOST_BYTES = {_MANIFEST: 2**20, _DECODER: 2**30, _FACE_MODEL: 2**31}
_LONGEST_NAME = 1000
_DIGEST = re.compile("[0-9a-f]{64}")  # SHA-256


def write_bundle(path: Path, parts: RunParts, with_face_model: bool = False) -> None:
    """Writes a regressor's file, whole or not at all.

    Args:
      path: of the file.
      parts: the regressor.
      with_face_model: holds the face model, too; mind its licence. Without it the file finds it
        where the config says. A model of an embedded world is always held.

    Raises:
      OSError: it cannot be written.
    """
    members = {_DECODER: _weights_file(parts.decoder)}
    with whole_file(path) as temporary:
        if with_face_model or parts.config.embedded_world:
            members[_FACE_MODEL] = _model_file(parts.model, temporary.with_suffix(".h5"))
        manifest = {
            "format": FORMAT,
            "name": parts.name,
            "config": parts.config.to_dict(),
            "encoder": {
                "name": parts.encoder.network.name,
                "fingerprint": parts.encoder.network.fingerprint,
            },
            "face_model": {
                "name": parts.model.name,
                "fingerprint": model_fingerprint(parts.model),
                "probe": model_probe(parts.model),
                "triangles": _sha256(parts.model.triangles.tobytes()),
            },
            "sha256": {name: _sha256(content) for name, content in members.items()},
        }
        members[_MANIFEST] = json.dumps(manifest, indent=1).encode()
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in sorted(members.items()):
                # A fixed date: the same regressor gives the same bytes.
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def open_bundle(path: Path) -> RunParts:
    """Opens a regressor's file.

    Raises:
      InputError: it is no such file or damaged; a file its config names is missing, or is another
        one than when it was exported.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(path, archive)
            config = config_of(manifest["config"])
            complete(config, f"{path}: {_MANIFEST}")
            members = {name: _member(archive, name) for name in manifest["sha256"]}
        _check_sums(path, manifest["sha256"], members)
        return _parts(path, manifest, config, members)
    except InputError:
        raise
    except Exception as error:  # archives fail in many ways when damaged
        line = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(
            f"{path}: no regressor's file, or a damaged one ({line}); give a run's folder or a "
            "file made by python -m tf_morph.export"
        ) from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict:
    """The manifest, each of its fields of the kind it must be."""
    manifest = parse_json(
        _member(archive, _MANIFEST), f"{path}: {_MANIFEST}", "JSON", "copy or export it anew"
    )
    if manifest["format"] != FORMAT:
        raise InputError(f"{path}: {manifest['format']!r} is no {FORMAT!r}; export it anew")
    sums, model = manifest["sha256"], manifest["face_model"]
    if not ({_DECODER} <= sums.keys() <= {_DECODER, _FACE_MODEL}):
        raise ValueError("it has other members than such a file has")
    digests = *sums.values(), model["fingerprint"], model["triangles"]
    for digest in (*digests, manifest["encoder"]["fingerprint"]):
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a digest in its manifest is none")
    if not isinstance(manifest["name"], str) or len(manifest["name"]) > _LONGEST_NAME:
        raise ValueError("it has no name")
    if not all(isinstance(value, float | int) for value in model["probe"]):
        raise ValueError("its face model's probe is no list of numbers")
    return manifest


def _parts(path: Path, manifest: dict, config, members: dict[str, bytes]) -> RunParts:
    model = _face_model(path, manifest["face_model"], config, members.get(_FACE_MODEL))
    encoder = make_encoder(config)
    if encoder.network.fingerprint != manifest["encoder"]["fingerprint"]:
        raise InputError(
            f"{path}: its network {encoder.network.name} ({config.encoder.path}) is another one "
            "than when it was exported; restore that file, or export the run anew"
        )
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    arrays = read_npz(io.BytesIO(members[_DECODER]), most=_MOST_BYTES[_DECODER])
    weights = [arrays[str(number)] for number in range(len(decoder.weights))]
    if not all(np.isfinite(weight).all() for weight in weights):
        raise ValueError("its decoder holds what is no number")
    decoder.set_weights(weights)
    return RunParts(manifest["name"], config, model, encoder, decoder)


def _face_model(path: Path, known: dict, config, content: bytes | None) -> MorphableModel:
    if content is None:
        model = _model_from_elsewhere(known["fingerprint"], config)
    else:
        model = _model_within(content)
        check_components(config, model)
    same_mesh = known["triangles"] == _sha256(model.triangles.tobytes())
    same = content is None or model_fingerprint(model) == known["fingerprint"]
    if not (same and same_mesh and same_model(model, known["probe"])):
        raise InputError(
            f"{path}: the face model {config.face_model.path} is another one than when it was "
            "exported; restore that file, or export the run anew"
        )
    return model


def _model_within(content: bytes) -> MorphableModel:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / _FACE_MODEL
        file.write_bytes(content)
        return MorphableModel.load(file)


def _model_from_elsewhere(fingerprint: str, config) -> MorphableModel:
    """The model from where the config says, or as it was once made from what lies there."""
    source = source_of(config.face_model.path)
    # A model that goes by a name comes with the package.
    if not (source.is_converted and source.is_path):
        return make_face_model(config, None)
    kept = expand_path(_CACHE_FOLDER) / f"{fingerprint}.h5"
    if kept.exists():
        with contextlib.suppress(InputError):  # a damaged one is made anew
            model = MorphableModel.load(kept)
            if model_fingerprint(model) == fingerprint:
                check_components(config, model)
                return model
    model = make_face_model(config, None)
    if model_fingerprint(model) == fingerprint:
        with contextlib.suppress(OSError):  # it is made anew next time
            model.save(kept)
    return model


def _weights_file(decoder: Decoder) -> bytes:
    file = io.BytesIO()
    weights = {str(number): weight for number, weight in enumerate(decoder.get_weights())}
    np.savez(file, **weights)
    return file.getvalue()


def _model_file(model: MorphableModel, temporary: Path) -> bytes:
    try:
        model.save(temporary)
        return temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_BYTES[name]:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _check_sums(path: Path, sums: dict[str, str], members: dict[str, bytes]) -> None:
    for name, content in members.items():
        if _sha256(content) != sums[name]:
            raise InputError(f"{path}: {name} in it is damaged; copy or export it anew")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
