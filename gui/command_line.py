"""The command line: what can be asked for, as options made from the specs, and the request that comes of it.

What a request does is in ``gui.headless``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from engine.data.gallery import GALLERY
from engine.data.generators import GENERATOR_SPECS, GENERATORS
from engine.data.preparation import PREPARATION_SPECS
from engine.errors import EngineError
from engine.hyperparameters import TRAINING_SPECS
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, SettingValue, Spec, SwitchSpec
from engine.suggestions import did_you_mean
from gui.pictures.formats import IMAGE_FORMAT, USUAL_PNG, PictureRequest, find_format
from gui.pictures.options import AS_SHOWN, OPTION_SPECS, PRESETS, Preset, find_preset, parse_size

PROGRAM = "softmax-lab"
DEFAULT_FOLDER = Path("softmax-lab-out")
_COMMANDS = ("train", "predict")
_NEGATIVE_NUMBER = re.compile(r"-(\d*\.?\d+(e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)


class UsageError(EngineError):
    """A command line that cannot be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """``softmax-lab train``; the three settings hold only what was given."""

    data: str
    target: str | None = None
    out: Path = DEFAULT_FOLDER
    training: dict[str, Any] = field(default_factory=dict)
    preparation: dict[str, Any] = field(default_factory=dict)
    generator: dict[str, Any] = field(default_factory=dict)
    pictures: PictureRequest = field(default_factory=PictureRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictRequest:
    """``softmax-lab predict``; ``out`` None stands for the name of ``file`` with "-predictions" in this folder."""

    folder: Path
    file: Path
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """``softmax-lab --check``."""


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """``softmax-lab`` alone."""


Request = TrainRequest | PredictRequest | CheckRequest | WindowRequest


def parse(argv: Sequence[str]) -> Request:
    """Return what ``argv``, without the program's name, asks for; --help and --version print and leave.

    Raises UsageError for what cannot be understood and SettingError for a value its spec refuses.
    """
    if argv and not argv[0].startswith("-") and argv[0] not in _COMMANDS:
        raise UsageError(
            f"There is no command “{argv[0]}”; there are train and predict.{did_you_mean(argv[0], _COMMANDS)}"
        )
    parser, commands = _parsers()
    found, rest = parser.parse_known_args(_joined(argv))
    if rest:
        raise _left_over(rest[0], commands[found.command] if found.command else parser)
    if found.command == "train":
        return _train_request(vars(found))
    if found.command == "predict":
        return PredictRequest(folder=Path(found.folder), file=Path(found.file), out=found.out)
    return CheckRequest() if found.check else WindowRequest()


def _joined(argv: Sequence[str]) -> list[str]:
    """Return ``argv`` with "-1e5" and "-inf" joined to the option before them; argparse takes them for options."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1].startswith("--") and _NEGATIVE_NUMBER.fullmatch(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _left_over(word: str, parser: argparse.ArgumentParser) -> UsageError:
    if not word.startswith("-"):
        return UsageError(f"“{word}” is one argument too many. See --help.")
    options = re.findall(r"--[a-z0-9-]+", parser.format_usage())
    name = word.partition("=")[0]
    return UsageError(f"There is no option {name}.{did_you_mean(name, options)} See --help.")


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of printing its usage and ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message[0].upper()}{message[1:]}. See --help.")


class _Version(argparse.Action):
    """Looks the version up only where it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from engine.versions import version

        sys.stdout.write(f"{PROGRAM} {version()}\n")
        parser.exit()


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog=PROGRAM,
        description="Train softmax classifiers. Without a command, the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("--check", action="store_true", help="say whether the window has what it needs, and leave")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version, and leave")
    commands = parser.add_subparsers(dest="command", metavar="train | predict", parser_class=_Parser)
    return parser, {"train": _add_train(commands), "predict": _add_predict(commands)}


def _add_train(commands: argparse._SubParsersAction[_Parser]) -> _Parser:
    train = commands.add_parser(
        "train",
        help="train without a window and leave model, figures and plots in a folder",
        description="Train without a window; leaves metrics.json, history.csv, model.npz and the plots in a folder.",
        allow_abbrev=False,
    )
    keys = ", ".join(entry.key for entry in GALLERY)
    train.add_argument("data", metavar="DATA", help=f"a file with a table, or one of {keys}")
    train.add_argument("--target", metavar="COLUMN", help="the column of the classes (default: guessed)")
    train.add_argument("--out", metavar="DIR", type=Path, default=DEFAULT_FOLDER, help="folder (default: %(default)s)")
    _add_specs(train.add_argument_group("training"), TRAINING_SPECS)
    _add_specs(train.add_argument_group("preparation of the data"), PREPARATION_SPECS)
    drawn = f"data drawn at random ({', '.join(GENERATORS)}); each has its own defaults"
    _add_specs(train.add_argument_group(drawn), GENERATOR_SPECS, with_default=False)
    _add_pictures(train.add_argument_group("pictures of the plots"))
    return train


def _add_pictures(group: argparse._ArgumentGroup) -> None:
    presets = ", ".join(preset.key for preset in PRESETS)
    group.add_argument(
        "--image-preset",
        metavar="NAME",
        type=find_preset,
        help=f"size and letters that suit a slide or a column of a paper; what is given beside it counts "
        f"(one of {presets})",
    )
    group.add_argument(
        "--image-size",
        metavar="WxH",
        type=parse_size,
        help="width and height, as 8.5x6cm or in pixels as 1200x800",
    )
    _add_specs(group, (IMAGE_FORMAT, *OPTION_SPECS), with_default=False)


def _add_predict(commands: argparse._SubParsersAction[_Parser]) -> _Parser:
    predict = commands.add_parser(
        "predict",
        help="write the class probabilities of every row of a table",
        description="Write a CSV with one probability column per class and the predicted class.",
        allow_abbrev=False,
    )
    predict.add_argument("folder", metavar="DIR", help="the folder that train has filled")
    predict.add_argument("file", metavar="FILE", help="a table with the columns that were trained on")
    predict.add_argument("--out", metavar="CSV", type=Path, help="file to write (default: FILE-predictions.csv, here)")
    return predict


def _add_specs(group: argparse._ArgumentGroup, specs: tuple[Spec, ...], *, with_default: bool = True) -> None:
    for spec in specs:
        flag = f"--{spec.key.replace('_', '-')}"
        about = _help(spec, with_default=with_default)
        if isinstance(spec, SwitchSpec):
            group.add_argument(
                flag, action=argparse.BooleanOptionalAction, dest=spec.key, default=argparse.SUPPRESS, help=about
            )
            continue
        group.add_argument(
            flag, type=spec.parse, dest=spec.key, default=argparse.SUPPRESS, help=about, metavar=_metavar(spec)
        )


def _metavar(spec: IntegerSpec | RealSpec | ChoiceSpec | ListSpec) -> str:
    match spec:
        case ChoiceSpec():
            return "NAME"
        case IntegerSpec():
            return "N"
        case RealSpec():
            return "X"
        case ListSpec():
            return "N,N"


def _help(spec: Spec, *, with_default: bool) -> str:
    allowed = "" if isinstance(spec, SwitchSpec) else spec.range_text
    default = f"default: {_formatted(spec)}" if with_default else ""
    facts = "; ".join(filter(None, (allowed, default)))
    return (f"{spec.help} ({facts})" if facts else spec.help).replace("%", "%%")


def _formatted(spec: Spec) -> str:
    format_value: Any = spec.format  # each spec formats the type of its own default
    return str(format_value(spec.default))


def _train_request(given: dict[str, Any]) -> TrainRequest:
    return TrainRequest(
        data=given["data"],
        target=given["target"],
        out=given["out"],
        training=_only(given, TRAINING_SPECS),
        preparation=_only(given, PREPARATION_SPECS),
        generator=_only(given, GENERATOR_SPECS),
        pictures=_picture_request(given),
    )


def _picture_request(given: dict[str, Any]) -> PictureRequest:
    preset: Preset | None = given["image_preset"]
    key = given.get("image_format", IMAGE_FORMAT.default)
    if key == IMAGE_FORMAT.default:
        key = preset.png if preset else USUAL_PNG
    changes = {
        name: given[option]
        for name, option in (
            ("size", "image_size"),
            ("theme", "image_theme"),
            ("font_size", "image_font_size"),
            ("legend", "image_legend"),
        )
        if given.get(option) is not None
    }
    return PictureRequest(find_format(key), replace(preset.options if preset else AS_SHOWN, **changes))


def _only(given: dict[str, Any], specs: tuple[Spec, ...]) -> dict[str, SettingValue]:
    return {spec.key: given[spec.key] for spec in specs if spec.key in given}
