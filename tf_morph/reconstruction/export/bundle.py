"""One file that holds a regressor: config, decoder, and which networks and face model it needs.

A zip archive of `manifest.json`, `decoder.npz` and, where asked for, `face_model.h5`. Nothing in it
is code, and nothing is unpickled. Networks stay where the config says: the manifest knows by their
fingerprints whether they are still the same.
"""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import ml_collections
import numpy as np

from tf_morph.atomic import whole_file
from tf_morph.config import expand_path, fill_missing
from tf_morph.errors import InputError
from tf_morph.morphable_model import MorphableModel
from tf_morph.morphable_model.sources import source_of
from tf_morph.reconstruction.run_parts import (
    RunParts,
    model_fingerprint,
    model_probe,
    same_model,
)
from tf_morph.regression.components import (
    coefficient_counts,
    make_encoder,
    make_face_model,
    prepare_world,
)
from tf_morph.regression.decoder import Decoder, make_decoder
from tf_morph.regression.default_config import default_config

SUFFIX = ".tfmorph"
FORMAT = "tf_morph regressor, version 1"
_MANIFEST, _DECODER, _FACE_MODEL = "manifest.json", "decoder.npz", "face_model.h5"
_CACHE_FOLDER = "~/.cache/tf_morph/face_models"
_MOST_BYTES = 4 * 2**30  # of a member, unpacked


def write_bundle(path: Path, parts: RunParts, with_face_model: bool = False) -> None:
    """Writes a regressor's file, whole or not at all.

    Args:
      path: of the file.
      parts: the regressor.
      with_face_model: holds the face model, too; mind its licence. Without it the file finds it
        where the config says.

    Raises:
      OSError: it cannot be written.
    """
    members = {_DECODER: _weights_file(parts.decoder)}
    with whole_file(path) as temporary:
        if with_face_model:
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
            manifest = json.loads(_member(archive, _MANIFEST))
            if manifest["format"] != FORMAT:
                raise InputError(f"{path}: {manifest['format']!r} is no {FORMAT!r}; export it anew")
            members = {name: _member(archive, name) for name in manifest["sha256"]}
        config = ml_collections.ConfigDict(manifest["config"])
        _check_sums(path, manifest["sha256"], members)
        return _parts(path, manifest, config, members)
    except InputError:
        raise
    except Exception as error:  # archives and JSON fail in many ways when damaged
        line = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(
            f"{path}: no regressor's file, or a damaged one ({line}); give a run's folder or a "
            "file made by python -m tf_morph.export"
        ) from error


def _parts(path: Path, manifest: dict, config, members: dict[str, bytes]) -> RunParts:
    fill_missing(config, default_config())
    model = _face_model(path, manifest["face_model"], config, members.get(_FACE_MODEL))
    encoder = make_encoder(config)
    if encoder.network.fingerprint != manifest["encoder"]["fingerprint"]:
        raise InputError(
            f"{path}: its network {encoder.network.name} ({config.encoder.path}) is another one "
            "than when it was exported; restore that file, or export the run anew"
        )
    decoder = make_decoder(config, encoder.size, *coefficient_counts(config, model))
    with np.load(io.BytesIO(members[_DECODER]), allow_pickle=False) as arrays:
        decoder.set_weights([arrays[str(number)] for number in range(len(decoder.weights))])
    return RunParts(manifest["name"], config, model, encoder, decoder)


def _face_model(path: Path, known: dict, config, content: bytes | None) -> MorphableModel:
    if not re.fullmatch("[0-9a-f]{64}", known["fingerprint"]):
        raise ValueError("its face model has no fingerprint")  # it would become a path
    cached = expand_path(_CACHE_FOLDER) / f"{known['fingerprint']}.h5"
    if content is not None and not cached.exists():
        with whole_file(cached) as temporary:
            temporary.write_bytes(content)
    if content is not None:
        model = MorphableModel.load(cached)
    else:
        prepare_world(config)
        model = make_face_model(config, cached)
        # A model that goes by a name keeps itself.
        source = source_of(config.face_model.path)
        if source.is_converted and source.is_path and not cached.exists():
            model.save(cached)
    same_mesh = known.get("triangles") == _sha256(model.triangles.tobytes())
    if not (same_mesh and same_model(model, known["probe"])):
        raise InputError(
            f"{path}: the face model {config.face_model.path} is another one than when it was "
            "exported; restore that file, or export the run anew"
        )
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
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _check_sums(path: Path, sums: dict[str, str], members: dict[str, bytes]) -> None:
    for name, content in members.items():
        if _sha256(content) != sums[name]:
            raise InputError(f"{path}: {name} in it is damaged; copy or export it anew")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
