from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.generators import GENERATOR_SPECS
from engine.data.preparation import PREPARATION_SPECS
from engine.errors import EngineError
from engine.hyperparameters import TRAINING_SPECS
from engine.specs import SwitchSpec
from gui.command_line import CheckRequest, PredictRequest, TrainRequest, WindowRequest, parse


def test_alone_it_asks_for_the_window() -> None:
    assert parse([]) == WindowRequest()
    assert parse(["--check"]) == CheckRequest()


def test_only_what_is_given_is_set() -> None:
    assert parse(["train", "iris"]) == TrainRequest(data="iris")
    words = "train a.csv --target y --out d --learning-rate 0.5 --batch-size full --no-standardize --noise 0.3"
    assert parse(words.split()) == TrainRequest(
        data="a.csv",
        target="y",
        out=Path("d"),
        training={"learning_rate": 0.5, "batch_size": 0},
        preparation={"standardize": False},
        generator={"noise": 0.3},
    )
    words = "train a.csv --hidden-layers 16,8 --class-weights none --no-shuffle --patience off --precision float64"
    assert parse(words.split()) == TrainRequest(
        data="a.csv",
        training={
            "hidden_layers": (16, 8), "class_weights": (), "shuffle": False, "patience": 0, "precision": "float64",
        },
    )  # fmt: skip
    assert parse(["predict", "d", "f.csv", "--out", "p.csv"]) == PredictRequest(
        folder=Path("d"), file=Path("f.csv"), out=Path("p.csv")
    )


@pytest.mark.parametrize("spec", [*TRAINING_SPECS, *PREPARATION_SPECS, *GENERATOR_SPECS], ids=lambda spec: spec.key)
def test_every_spec_is_an_option_with_its_help(spec, capsys: pytest.CaptureFixture[str]) -> None:
    flag = f"--{spec.key.replace('_', '-')}"
    words = [flag] if isinstance(spec, SwitchSpec) else [flag, spec.format(spec.default)]
    found = parse(["train", "iris", *words])
    assert isinstance(found, TrainRequest)
    expected = True if isinstance(spec, SwitchSpec) else spec.default
    assert found.training | found.preparation | found.generator == {spec.key: expected}
    with pytest.raises(SystemExit, match="0"):
        parse(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{flag} " in shown or f"{flag}, --no-" in shown
    assert spec.help.split(". ")[0] in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("trian iris", "There is no command “trian”; there are train and predict. Did you mean train?"),
        ("train", "The following arguments are required: DATA. See --help."),
        ("predict out", "The following arguments are required: FILE. See --help."),
        ("train iris --lerning-rate 3", "There is no option --lerning-rate. Did you mean --learning-rate? See --help."),
        ("train iris --learn 3", "There is no option --learn. Did you mean --learning-rate? See --help."),
        ("train iris wine", "“wine” is one argument too many. See --help."),
        ("--chekc", "There is no option --chekc. Did you mean --check? See --help."),
        ("train iris --learning-rate", "Argument --learning-rate: expected one argument. See --help."),
        ("train iris --learning-rate 0", "Learning rate must be greater than 0 and at most 1,000,000, not 0."),
        ("train iris --learning-rate -0.1", "Learning rate must be greater than 0 and at most 1,000,000, not -0.1."),
        ("train iris --learning-rate -1e-3", "Learning rate must be greater than 0 and at most 1,000,000, not -0.001."),
        ("train iris --learning-rate -inf", "Learning rate must be greater than 0 and at most 1,000,000, not -inf."),
        ("train iris --learning-rate nan", "Learning rate must be greater than 0 and at most 1,000,000, not nan."),
        ("train iris --learning-rate fast", "Learning rate must be a number, not “fast”."),
        (
            "train iris --optimizer adm",
            "Optimizer must be one of gradient_descent, momentum, nesterov, rmsprop, adam, adamw, lbfgs, newton_cg, "
            "not 'adm'. Did you mean adam?",
        ),
        (
            "train iris --hidden-layers 16,0",
            "Units of a hidden layer must be a whole number from 1 to 1,024, not 0.",
        ),
        (
            "train iris --hidden-layers 1,2,3,4,5",
            "Hidden layers must be up to 4 numbers, each a whole number from 1 to 1,024, or “none”, not 5 numbers.",
        ),
        ("train iris --epochs 1.5", "Epochs must be a whole number from 1 to 1,000,000, not “1.5”."),
        ("train iris --validation-share 1", "Validation share must be at least 0 and at most 0.9, not 1."),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_line(words: str, message: str) -> None:
    with pytest.raises(EngineError) as refusal:
        parse(words.split())
    assert str(refusal.value) == message
