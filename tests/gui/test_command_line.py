from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.generators import GENERATOR_SPECS
from engine.data.preparation import PREPARATION_SPECS
from engine.errors import EngineError
from engine.hyperparameters import TRAINING_SPECS
from engine.specs import SwitchSpec
from gui.command_line import CheckRequest, PredictRequest, TrainRequest, WindowRequest, parse
from gui.pictures.formats import PictureRequest, find_format
from gui.pictures.options import PictureOptions, PictureSize


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


@pytest.mark.parametrize(
    ("words", "key", "options"),
    [
        ("", "png_2x", PictureOptions()),
        ("--image-format svg --image-theme dark", "svg", PictureOptions(theme="dark")),
        ("--image-format png-600dpi --image-font-size 9", "png_600dpi", PictureOptions(font_size=9.0)),
        ("--image-size 8.5x6cm", "png_2x", PictureOptions(size=PictureSize(8.5, 6.0, "cm"))),
        ("--image-size 1200x800 --no-image-legend", "png_2x",
         PictureOptions(size=PictureSize(1200.0, 800.0, "px"), legend=False)),
        ("--image-preset slide", "png_2x", PictureOptions(size=PictureSize(25.4, 14.29, "cm"), font_size=14.0)),
        ("--image-preset paper", "png_300dpi", PictureOptions(size=PictureSize(8.5, 6.0, "cm"), font_size=8.0)),
        ("--image-preset paper --image-format pdf --image-font-size 7 --image-theme transparent", "pdf",
         PictureOptions(size=PictureSize(8.5, 6.0, "cm"), font_size=7.0, theme="transparent")),
    ],
)  # fmt: skip
def test_how_the_pictures_are_to_look(words: str, key: str, options: PictureOptions) -> None:
    found = parse(["train", "iris", *words.split()])
    assert isinstance(found, TrainRequest)
    assert found.pictures == PictureRequest(find_format(key), options)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--image-format gif",
            "Picture format must be one of png, svg, pdf, png_1x, png_300dpi, png_600dpi, not 'gif'.",
        ),
        ("--image-preset papr", "There is no picture preset “papr”; there are slide and paper. Did you mean paper?"),
        ("--image-size wide", "The picture size must be like 8.5x6cm or 1200x800, not “wide”."),
        ("--image-size 1x1cm", "A picture of 1 x 1 cm is too small for a plot: each side takes 3.7 cm or more."),
        ("--image-size 300x200", "A picture of 300 x 200 px is too small for a plot: each side takes 280 px or more."),
        ("--image-size 9e9x9", "The picture size must be like 8.5x6cm or 1200x800, not “9e9x9”."),
        ("--image-size 200x10cm", "A picture of 200 x 10 cm is too large: no side can be longer than 158.75 cm."),
        (
            "--image-size 100x100cm --image-format png-600dpi",
            "The picture would have 558 million pixels; at most 134 million are drawn. Choose a smaller size or fewer "
            "dots per inch.",
        ),
        ("--image-theme blue", "Picture colours must be one of light, dark, transparent, not 'blue'."),
        ("--image-font-size 2", "Picture font size must be at least 4 and at most 48, not 2."),
    ],
)
def test_pictures_that_cannot_be_are_refused_before_the_training(words: str, message: str) -> None:
    with pytest.raises(EngineError) as refusal:
        parse(["train", "iris", *words.split()])
    assert str(refusal.value) == message
