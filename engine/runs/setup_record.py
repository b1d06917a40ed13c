"""What a run was made from, as one small JSON document that pictures carry: read again, it sets the same run up.

{"format": "softmax-lab set-up", "version": 1,
 "data": {"name": ..., "key": ..., "generator": {...}} or {"name": ..., "file": "flowers.csv"},
 "target": ..., "fingerprint": ..., "preparation": {...}, "training": {...},
 "changes": [{"after_step": ..., "training": {what was changed}}], "versions": {...}}

A file is named without its folder: a picture goes to strangers. A picture also comes from strangers: what is read is
data, every value of it goes through the check of its spec, and what this version does not know is named and left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, NoReturn, TypeVar

from engine.data.gallery import find_entry
from engine.data.generators import GENERATOR_SPECS, GeneratorConfig
from engine.data.preparation import PREPARATION_SPECS, PreparationConfig
from engine.errors import EngineError, SetupFileError
from engine.hyperparameters import TRAINING_SPECS, TrainingConfig
from engine.specs import Spec

FORMAT = "softmax-lab set-up"
VERSION = 1
MOST_BYTES = 1 << 16
MOST_DEPTH = 6
LONGEST_NAME = 4000
MOST_CHANGES = 1000
MOST_STEPS = 2**53
_LONGEST_FILE_NAME = 255
_LONGEST_SENTENCE = 300
_MOST_VERSIONS, _LONGEST_VERSION = 20, 60

Settings = TypeVar("Settings", GeneratorConfig, PreparationConfig, TrainingConfig)
Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRecord:
    """The data of a run, how they were prepared, and the settings that it began with.

    ``key`` is the data's name in the gallery, None for a file; ``name`` is what the user calls them, and for a file its
    name. ``changes`` holds steps and the settings in force from the next step on. ``fingerprint`` is that of the data
    set. ``unknown`` names what a document held that this version does not know.
    """

    name: str
    key: str | None
    generator: GeneratorConfig | None
    target: str
    fingerprint: str
    preparation: PreparationConfig
    training: TrainingConfig
    changes: tuple[tuple[int, TrainingConfig], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


def to_json(record: SetupRecord) -> str:
    """Return ``record`` as JSON in ASCII, the same for the same record; of too many changes the first are kept.

    Raises SetupFileError where even then it is larger than a picture may carry.
    """
    changes = _differences(record)
    text = _document(record, changes)
    while changes and len(text) > MOST_BYTES:
        changes = changes[: len(changes) // 2]
        text = _document(record, changes)
    if len(text) > MOST_BYTES:
        raise SetupFileError(f"The set-up takes more than {MOST_BYTES:,} bytes.")
    return text


def from_json(text: str | bytes) -> SetupRecord:
    """Return the record that ``to_json`` wrote; raises SetupFileError, naming the entry that cannot be used."""
    document = _parsed(text)
    match document:
        case {"format": str(kind), "version": int(version)} if kind == FORMAT:
            if version != VERSION:
                raise SetupFileError(f"The set-up has version {_clipped(version)}; this program reads {VERSION}.")
        case _:
            raise SetupFileError(f"It is not a {FORMAT}.")
    unknown: list[str] = []
    name, key, generator = _source(document.get("data"), unknown)
    training = _settings(TrainingConfig(), document.get("training"), TRAINING_SPECS, "training", unknown)
    return SetupRecord(
        name=name,
        key=key,
        generator=generator,
        target=_name(document.get("target"), "target"),
        fingerprint=_fingerprint(document.get("fingerprint")),
        preparation=_settings(
            PreparationConfig(), document.get("preparation"), PREPARATION_SPECS, "preparation", unknown
        ),
        training=training,
        changes=_changes(document.get("changes", []), training, unknown),
        versions=_versions(document.get("versions")),
        unknown=(*_strangers(document, _KEYS, ""), *unknown),
    )


# Writing


def _document(record: SetupRecord, changes: list[dict[str, Any]]) -> str:
    name = _writable(record.name)
    generator = asdict(record.generator) if record.generator else None
    document = {
        "format": FORMAT,
        "version": VERSION,
        "data": {"name": name, "key": record.key, "generator": generator} if record.key else {"file": name},
        "target": _writable(record.target),
        "fingerprint": record.fingerprint,
        "preparation": asdict(record.preparation),
        "training": asdict(record.training),
        "changes": changes,
        "versions": dict(record.versions),
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _differences(record: SetupRecord) -> list[dict[str, Any]]:
    found = []
    before = record.training
    for step, config in record.changes[:MOST_CHANGES]:
        old, new = asdict(before), asdict(config)
        found.append({"after_step": step, "training": {key: new[key] for key in new if new[key] != old[key]}})
        before = config
    return found


def _writable(name: str) -> str:
    """The name without halves of letters, which a file name that is no UTF-8 leaves behind."""
    return name.encode(errors="replace").decode()


# Reading

_KEYS = ("format", "version", "data", "target", "fingerprint", "preparation", "training", "changes", "versions")


def _parsed(text: str | bytes) -> dict[str, Any]:
    if len(text) > MOST_BYTES:
        raise SetupFileError(f"The set-up is larger than {MOST_BYTES:,} bytes.")
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise SetupFileError("The set-up is damaged: it is not JSON.") from None
    if not isinstance(document, dict):
        raise SetupFileError(f"It is not a {FORMAT}.")
    if _is_deeper(document, MOST_DEPTH):
        raise SetupFileError(f"The set-up is nested more than {MOST_DEPTH} deep.")
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _is_deeper(found: object, most: int) -> bool:
    level: list[object] = [found]
    for _ in range(most + 1):
        containers = [item for item in level if isinstance(item, (dict, list))]
        level = [child for item in containers for child in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, (dict, list)) for item in level)


def _source(found: object, unknown: list[str]) -> tuple[str, str | None, GeneratorConfig | None]:
    """The name of the data, the key in the gallery and the settings of the generator."""
    data = _object(found, "data")
    unknown += _strangers(data, ("name", "key", "generator", "file"), "data.")
    if data.get("key") is None:
        return _file_name(data.get("file")), None, None
    key = _name(data["key"], "data.key")
    entry = _checked("data.key", lambda: find_entry(_clipped(key)))
    generator = data.get("generator")
    if entry.generator is None:
        if generator is not None:
            raise SetupFileError(f"data.generator: {entry.title} is not drawn at random and has no such settings.")
        return entry.title, key, None
    config = _settings(entry.generator.default_config, generator, GENERATOR_SPECS, "data.generator", unknown)
    _checked("data.generator", lambda: entry.generator.check(config) if entry.generator else None)
    return entry.title, key, config


def _file_name(found: object) -> str:
    name = _name(found, "data.file")
    bare = name not in (".", "..") and all(kind(name).name == name for kind in (PurePosixPath, PureWindowsPath))
    if not bare or len(name) > _LONGEST_FILE_NAME or any(ord(letter) < ord(" ") for letter in name):
        raise SetupFileError(f"data.file: {_clipped(repr(name))} is not the name of a file.")
    return name


def _settings(default: Settings, found: object, specs: tuple[Spec, ...], where: str, unknown: list[str]) -> Settings:
    """``default`` with what was ``found``, each value checked by its spec."""
    values = _object(found, where)
    keys = tuple(spec.key for spec in specs)
    unknown += _strangers(values, keys, f"{where}.")
    known = {key: value for key, value in values.items() if key in keys}
    return _checked(where, lambda: replace(default, **known))


def _changes(found: object, training: TrainingConfig, unknown: list[str]) -> tuple[tuple[int, TrainingConfig], ...]:
    if not isinstance(found, list) or len(found) > MOST_CHANGES:
        raise SetupFileError(f"changes: a list of at most {MOST_CHANGES:,} is expected.")
    changes = []
    for number, item in enumerate(found):
        where = f"changes[{number}]"
        change = _object(item, where)
        step = change.get("after_step")
        if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= MOST_STEPS:
            raise SetupFileError(f"{where}.after_step: a number of steps is expected, not {_clipped(repr(step))}.")
        training = _settings(training, change.get("training"), TRAINING_SPECS, f"{where}.training", unknown)
        changes.append((step, training))
    return tuple(changes)


def _versions(found: object) -> tuple[tuple[str, str], ...]:
    """Nothing depends on them, so that what is no version is left out."""
    items = found.items() if isinstance(found, dict) else ()
    return tuple(
        (name, version)
        for name, version in list(items)[:_MOST_VERSIONS]
        if isinstance(version, str) and len(name) <= _LONGEST_VERSION and len(version) <= _LONGEST_VERSION
    )


def _fingerprint(found: object) -> str:
    if not isinstance(found, str) or len(found) != 64 or set(found) - set("0123456789abcdef"):
        raise SetupFileError(f"fingerprint: 64 hexadecimal digits are expected, not {_clipped(repr(found))}.")
    return found


def _name(found: object, where: str) -> str:
    if not isinstance(found, str) or not found or len(found) > LONGEST_NAME:
        raise SetupFileError(f"{where}: a name is expected, not {_clipped(repr(found))}.")
    return _writable(found)


def _object(found: object, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise SetupFileError(f"{where}: an object is expected, not {_clipped(repr(found))}.")
    return found


def _strangers(found: Iterable[str], known: Iterable[str], where: str) -> list[str]:
    return [_clipped(f"{where}{key}") for key in found if key not in set(known)]


def _checked(where: str, make: Callable[[], Checked]) -> Checked:
    """What ``make`` returns; an error of the engine says where it was."""
    try:
        return make()
    except EngineError as error:
        raise SetupFileError(f"{where}: {_clipped(str(error))}") from None


def _clipped(found: object) -> str:
    text = _writable(str(found))
    return text if len(text) <= _LONGEST_SENTENCE else f"{text[:_LONGEST_SENTENCE]}…"
