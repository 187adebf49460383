"""What is done in a folder of heads, so that the same command again goes on where it stopped."""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.reconstruction.photograph_list import NamedPhotograph
from tf_morph.regression.run_folder import write_json

_SETTINGS, _DONE = "settings.json", "done.jsonl"


@dataclasses.dataclass(frozen=True)
class Done:
    """What came of a photograph.

    Attributes:
      photograph: the file.
      folders: of its heads, relative to the folder of all; none where there is a reason.
      reason: why it gives no head; "" where it does.
      figures: of each head, name to number.
    """

    photograph: NamedPhotograph
    folders: tuple[str, ...] = ()
    reason: str = ""
    figures: tuple[Mapping[str, float], ...] = ()


class Journal:
    """A folder's photographs that are done, a line each; a line cut short counts as none."""

    def __init__(self, folder: Path, settings: Mapping[str, object]):
        """Opens a folder that is new or empty, or holds heads of the same settings.

        Raises:
          InputError: it holds other files, or heads of other settings.
          OSError: it cannot be read or written.
        """
        self._path, self._broken_off = folder / _DONE, ""
        _check(folder, settings)
        if not (folder / _SETTINGS).exists():
            write_json(folder / _SETTINGS, settings)
        self._known = self._read()

    def find(self, photograph: NamedPhotograph) -> Done | None:
        """What came of a photograph whose file has not changed since."""
        known = self._known.get(photograph)
        return known[1] if known and known[0] == _stamp(photograph.path) else None

    def add(self, done: Done) -> None:
        """Writes down that a photograph is done."""
        fields = dataclasses.asdict(done)
        fields["photograph"] = list(done.photograph)
        line = json.dumps(fields | {"stamp": _stamp(done.photograph.path)})
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(f"{self._broken_off}{line}\n")
        self._broken_off = ""

    def _read(self) -> dict[NamedPhotograph, tuple[list, Done]]:
        known = {}
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return known
        # What is added must not become part of a line cut short.
        self._broken_off = "" if text.endswith("\n") or not text else "\n"
        for line in text.splitlines():
            try:
                fields = json.loads(line)
                stamp = fields.pop("stamp")
                photograph = NamedPhotograph(*fields.pop("photograph"))
                folders, figures = (tuple(fields.pop(name)) for name in ("folders", "figures"))
                known[photograph] = (stamp, Done(photograph, folders, fields["reason"], figures))
            except (ValueError, KeyError, TypeError):  # a line cut short
                continue
        return known


def _check(folder: Path, settings: Mapping[str, object]) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: not a folder; name one to write heads into")
    path = folder / _SETTINGS
    if path.exists():
        try:
            old = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            old = {}
        wanted = json.loads(json.dumps(settings))
        different = [name for name in wanted if old.get(name) != wanted[name]]
        if different:
            raise InputError(
                f"{folder}: holds heads made with other settings ({', '.join(different)}); name "
                "another --out, or delete it"
            )
    elif folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: holds other files; name a new folder, or one to go on with")


def _stamp(path: str) -> list[int]:
    try:
        status = os.stat(path)
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]
