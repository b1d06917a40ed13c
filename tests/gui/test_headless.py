from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crowd import CROWD, REFUSED_ON_ENCODING, REFUSED_ON_READING
from plots import WITHOUT_A_WINDOW
from PySide6.QtGui import QImage
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

import gui.app
import gui.headless
import gui.system_check
from engine.data.encoding import encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, prepare
from engine.data.table import read_table
from engine.export.model_npz import load_model
from engine.runs.picture_metadata import read_setup
from engine.runs.setup_record import from_json
from gui.__main__ import main

ROOT = Path(__file__).parents[2]
PLOTS = tuple(f"{key}.png" for key in WITHOUT_A_WINDOW)
FILES = ("model.npz", "metrics.json", "history.csv", *PLOTS)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def without_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the plots takes long."""
    monkeypatch.setattr(gui.headless, "_pictures", lambda *_: ())


def metrics(folder: str = "softmax-lab-out") -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    text = Path(folder, "metrics.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def rows_of(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line on stderr with which the command refuses; nothing is left in the folder."""
    before = sorted(Path().iterdir())
    assert main(argv) == 2
    captured = capsys.readouterr()
    line = captured.err.removesuffix("\n")
    assert line.startswith("softmax-lab: ")
    assert "\n" not in line
    assert captured.out == ""
    assert sorted(Path().iterdir()) == before
    return line.removeprefix("softmax-lab: ")


# Training


def test_iris_leaves_everything_in_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "iris", "--epochs", "60", "--out", "deep/out"]) == 0
    captured = capsys.readouterr()
    assert sorted(path.name for path in Path("deep/out").iterdir()) == sorted(FILES)
    assert [line for line in captured.out.splitlines() if line.startswith("deep")] == [
        str(Path("deep", "out", name)) for name in FILES
    ]
    assert "Iris: 150 rows, 4 features, 3 classes of species; 120 rows train, 30 validate." in captured.out
    assert "Finished: all epochs are done." in captured.out
    assert captured.err.splitlines()[-1].startswith("epoch 60/60")


def test_metrics_say_what_was_done_and_what_came_of_it(without_plots: None) -> None:
    assert main(["train", "iris", "--epochs", "60", "--seed", "5", "--no-stratified"]) == 0
    found = metrics()
    shape = [found[name] for name in ("data", "target", "N", "D", "C", "train_rows", "validation_rows", "seed")]
    assert shape == ["Iris", "species", 150, 4, 3, 120, 30, 5]
    assert found["settings"]["training"]["epochs"] == 60
    assert found["settings"]["preparation"]["stratified"] is False
    assert found["settings"]["generator"] is None
    assert found["stop_reason"] == "epochs_reached"
    assert found["stop_sentence"] == "Finished: all epochs are done."
    assert found["fingerprint"] == encode(load_entry("iris"), "species").fingerprint
    assert set(found["versions"]) >= {"softmax-lab", "Python", "NumPy"}
    assert found["threads"] >= 1
    assert 0 < found["seconds"] < 30
    history = rows_of("softmax-lab-out/history.csv")
    assert [int(row["epoch"]) for row in history] == list(range(61))
    assert list(history[0]) == [
        "epoch", "train_cost", "train_accuracy", "validation_cost", "validation_accuracy",
        "learning_rate", "gradient_norm", "step_size", "weight_norm",
    ]  # fmt: skip
    assert [history[0][name] for name in ("learning_rate", "gradient_norm", "step_size")] == ["", "", ""]
    assert {row["learning_rate"] for row in history[1:]} == {"0.1"}
    for row in history[1:]:
        assert float(row["step_size"]) == pytest.approx(0.1 * float(row["gradient_norm"]), rel=1e-3)
    best = min(history, key=lambda row: float(row["validation_cost"]))
    for name, row in (("final", history[-1]), ("best", best)):
        assert found[name] == {key: float(row[key]) for key in list(row)[:5]}


def test_pictures_look_as_asked_and_carry_the_set_up() -> None:
    words = "--epochs 5 --seed 7 --image-size 12x8cm --image-format svg --image-theme transparent --no-image-legend"
    assert main(["train", "xor", "--noise", "0.2", *words.split()]) == 0
    svg = Path("softmax-lab-out/cost.svg")
    assert 'width="120mm" height="80mm"' in svg.read_text(encoding="utf-8")
    record = from_json(read_setup(svg))
    assert (record.key, record.training.seed, record.training.epochs) == ("xor", 7, 5)
    assert record.generator is not None
    assert record.generator.noise == 0.2
    assert record.fingerprint == metrics()["fingerprint"]
    assert not list(Path("softmax-lab-out").glob("*.png"))


def test_the_plots_are_pictures_of_the_run() -> None:
    assert main(["train", "iris", "--epochs", "60"]) == 0
    for name in PLOTS:
        image = QImage(f"softmax-lab-out/{name}")
        assert image.width() > 1000
        assert image.height() > 700
        grid = {image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}
        assert len(grid) > 20, f"{name} is nearly empty"


def test_iris_reaches_the_minimum_that_scikit_learn_finds(without_plots: None) -> None:
    words = "train iris --optimizer momentum --learning-rate 0.3 --batch-size full --epochs 20000 --l2 0.01"
    assert main([*words.split(), "--precision", "float64"]) == 0
    data = prepare(encode(load_entry("iris"), "species"), PreparationConfig())
    theirs = LogisticRegression(C=1 / (0.01 * len(data.y_train)), tol=1e-10, max_iter=10_000)
    theirs.fit(data.X_train, data.y_train)
    penalty = 0.005 * (theirs.coef_**2).sum()
    final = metrics()["final"]
    for part, X, y in (("train", data.X_train, data.y_train), ("validation", data.X_validation, data.y_validation)):
        assert final[f"{part}_cost"] == pytest.approx(log_loss(y, theirs.predict_proba(X)) + penalty, abs=1e-7)
        assert final[f"{part}_accuracy"] == pytest.approx(theirs.score(X, y))


@pytest.mark.parametrize("optimizer", ["lbfgs", "newton_cg"])
def test_a_training_that_ends_by_itself_says_so(
    optimizer: str, without_plots: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "iris", "--optimizer", optimizer, "--l2", "0.01"]) == 0
    assert "Finished: the optimizer finds no lower cost in this precision." in capsys.readouterr().out
    found = metrics()
    assert found["stop_reason"] == "no_lower_cost"
    assert found["final"]["train_cost"] == pytest.approx(0.232857, abs=3e-6)
    assert found["steps"] == found["final"]["epoch"] < 200


def test_hidden_layers_are_trained_kept_drawn_and_asked() -> None:
    words = "train spirals --hidden-layers 16,16 --optimizer lbfgs --l2 1e-5 --epochs 400"
    assert main(words.split()) == 0
    assert metrics()["settings"]["training"]["hidden_layers"] == [16, 16]
    assert metrics()["final"]["train_accuracy"] >= 0.97
    assert all(Path("softmax-lab-out", name).exists() for name in PLOTS)
    classifier = load_model(Path("softmax-lab-out/model.npz"))
    assert classifier.network.hidden_layers == (16, 16)
    Path("points.csv").write_text("x₁,x₂\n0.5,0.5\n-1,2\n", encoding="utf-8")
    assert main(["predict", "softmax-lab-out", "points.csv", "--out", "p.csv"]) == 0
    found = [[float(row[name]) for name in ("A", "B")] for row in rows_of("p.csv")]
    np.testing.assert_allclose(found, classifier.probabilities(np.array([[0.5, 0.5], [-1.0, 2.0]])), rtol=1e-12)


def test_the_history_has_the_checked_epochs_alone(without_plots: None) -> None:
    assert main(["train", "iris", "--epochs", "25", "--check-every", "10"]) == 0
    assert [int(row["epoch"]) for row in rows_of("softmax-lab-out/history.csv")] == [0, 10, 20, 25]
    assert metrics()["best"]["epoch"] in (10, 20, 25)


def test_after_early_stopping_the_final_figures_are_those_of_the_restored_weights(without_plots: None) -> None:
    words = "train iris --hidden-layers 16 --learning-rate 1 --l2 0 --patience 3 --epochs 20000"
    assert main(words.split()) == 0
    found = metrics()
    assert found["stop_reason"] == "no_improvement"
    assert found["final"]["validation_cost"] == found["best"]["validation_cost"]


def test_the_same_command_leaves_the_same_weights(without_plots: None) -> None:
    for folder in ("a", "b"):
        assert main(["train", "digits", "--epochs", "3", "--out", folder]) == 0
    assert Path("a/model.npz").read_bytes() == Path("b/model.npz").read_bytes()
    assert metrics("a")["C"] == 10
    assert metrics("a")["final"]["train_accuracy"] > 0.9


def test_notes_on_the_data_are_printed_and_kept(without_plots: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "penguins", "--epochs", "5"]) == 0
    notes = metrics()["notes"]
    assert "sex: 11 missing, kept as a category of its own." in notes
    assert [f"Note: {note}" for note in notes] == [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("Note: ")
    ]


def test_a_generator_takes_its_own_options(without_plots: None) -> None:
    words = "train spirals --class-count 4 --n-points 200 --generator-seed 7 --epochs 2"
    assert main(words.split()) == 0
    found = metrics()
    assert (found["N"], found["C"]) == (200, 4)
    assert found["settings"]["generator"] == {"n_points": 200, "class_count": 4, "noise": 0.1, "generator_seed": 7}


def test_without_validation_rows_the_best_is_that_of_training(without_plots: None) -> None:
    assert main(["train", "iris", "--epochs", "5", "--validation-share", "0"]) == 0
    found = metrics()
    assert found["validation_rows"] == 0
    assert found["final"]["validation_cost"] is None
    assert found["best"]["epoch"] == 5
    assert rows_of("softmax-lab-out/history.csv")[3]["validation_accuracy"] == ""


def test_divergence_is_said_and_the_last_finite_weights_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "iris", "--learning-rate", "1e6", "--no-standardize", "--epochs", "50"]) == 0
    assert "Diverged: the cost is no longer a finite number." in capsys.readouterr().out
    found = metrics()
    assert found["stop_reason"] == "diverged"
    assert math.isfinite(found["final"]["train_cost"])
    assert np.isfinite(load_model(Path("softmax-lab-out/model.npz")).theta).all()
    assert all(Path("softmax-lab-out", name).exists() for name in PLOTS)


@pytest.mark.parametrize("name", [name for name in CROWD if name not in REFUSED_ON_READING | REFUSED_ON_ENCODING])
def test_degenerate_data_is_trained_on_where_it_can_be(name: str, without_plots: None) -> None:
    Path("data.csv").write_bytes(CROWD[name])
    assert main(["train", "data.csv", "--target", "class", "--epochs", "3"]) == 0
    assert metrics()["C"] >= 2
    assert main(["predict", "softmax-lab-out", "data.csv"]) == 0


@pytest.mark.parametrize("name", ["Korean CP949", "infinities", "huge numbers", "constant column"])
def test_degenerate_data_can_be_drawn(name: str) -> None:
    Path("data.csv").write_bytes(CROWD[name])
    assert main(["train", "data.csv", "--target", "class", "--epochs", "3"]) == 0
    assert all(Path("softmax-lab-out", plot).exists() for plot in PLOTS)


def test_korean_text_arrives_as_it_was_written(without_plots: None) -> None:
    Path("도시.csv").write_bytes(CROWD["Korean CP949"])
    assert main(["train", "도시.csv", "--target", "class", "--epochs", "3"]) == 0
    found = metrics()
    assert found["classes"] == ["남", "여"]
    assert found["data"] == "도시.csv"
    assert "The text is encoded in CP949 (Korean)." in found["notes"]


def test_a_file_wins_over_the_gallery_and_a_folder_does_not(without_plots: None) -> None:
    Path("wine").mkdir()
    assert main(["train", "wine", "--epochs", "1"]) == 0
    assert metrics()["N"] == 178
    Path("iris").write_bytes(CROWD["constant column"])
    assert main(["train", "iris", "--epochs", "1"]) == 0
    assert metrics()["N"] == 6


# Bad input


@pytest.mark.parametrize("name", REFUSED_ON_READING | REFUSED_ON_ENCODING)
def test_a_table_that_cannot_be_used_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data.csv").write_bytes(CROWD[name])
    line = refusal(capsys, "train", "data.csv", "--target", "class")
    assert (REFUSED_ON_READING | REFUSED_ON_ENCODING)[name] in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train iriss", "There is no file iriss and no bundled data set of that name"),
        ("train iriss", "Did you mean iris?"),
        ("train custmers.csv", "Did you mean customers.csv?"),
        ("train folder", "folder is a folder; a file is expected."),
        ("train customers.csv --target Class", "customers.csv has no column Class. Did you mean class?"),
        ("train iris --batch-size 121", "The batch of 121 rows is larger than the 120 training rows."),
        ("train iris --patience 3 --validation-share 0", "Early stopping needs validation rows to look at."),
        (
            "train iris --class-weighting given --class-weights 1,2",
            "The data have 3 classes and need as many weights, not 2.",
        ),
        ("train iris --optimizer lbfgs --l1 0.1", "L-BFGS needs a cost without kinks."),
        ("train iris --hidden-layers 4 --initialization zeros", "From zeros all units of a hidden layer stay alike"),
        ("train iris --learning-rate 0", "Learning rate must be greater than 0 and at most 1,000,000, not 0."),
        ("train iris --noise 0.3", "--noise is for data drawn at random (blobs, cats_dogs, circles, xor, spirals)"),
        ("train customers.csv --class-count 3", "--class-count is for data drawn at random"),
        ("train xor --class-count 3", "XOR always has 2 classes; leave --class-count out."),
        ("train circles --class-count 9", "Classes must be a whole number from 2 to 5, not 9."),
        (
            "train iris --out customers.csv",
            "customers.csv cannot be the folder of the results: a file is in its place.",
        ),
        ("train iris --out customers.csv/x", "customers.csv/x cannot be written: Not a directory."),
        ("predict nowhere customers.csv", "nowhere/model.npz cannot be used as a model: there is no such file."),
        ("predict folder customers.csv", "folder/model.npz cannot be used as a model: it is no zip archive"),
        ("frobnicate", "There is no command “frobnicate”"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the system's own words differ there")
def test_bad_input_is_one_clear_line(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("customers.csv").write_bytes(CROWD["constant column"])
    Path("folder").mkdir()
    Path("folder/model.npz").write_bytes(b"PK")
    assert message in refusal(capsys, *words.split())


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden here")
def test_a_folder_without_permission_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("locked").mkdir(mode=0o500)
    assert "locked cannot be written: Permission denied." in refusal(capsys, "train", "iris", "--out", "locked")


def test_a_name_that_is_too_long_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "name too long" in refusal(capsys, "train", "iris", "--out", "x" * 300)
    assert "cannot be read" in refusal(capsys, "train", "x" * 300)


# Prediction


def test_predictions_are_the_probabilities_of_the_classifier(without_plots: None) -> None:
    assert main(["train", "penguins", "--epochs", "50"]) == 0
    lines = (ROOT / "assets" / "datasets" / "penguins.csv").read_text(encoding="utf-8").splitlines()
    Path("new.csv").write_text("\n".join(lines[:60]) + "\n", encoding="utf-8")
    assert main(["predict", "softmax-lab-out", "new.csv"]) == 0
    rows = rows_of("new-predictions.csv")
    classes = ["Adelie", "Chinstrap", "Gentoo"]
    assert list(rows[0]) == [*classes, "predicted species"]
    P = np.array([[float(row[name]) for name in classes] for row in rows])
    expected, _ = load_model(Path("softmax-lab-out/model.npz")).predict_table(read_table(Path("new.csv")))
    np.testing.assert_array_equal(P, expected)
    np.testing.assert_allclose(P.sum(axis=1), 1.0, rtol=1e-15)
    assert [row["predicted species"] for row in rows] == [classes[i] for i in P.argmax(axis=1)]


def test_predictions_go_where_they_are_told(without_plots: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "iris", "--epochs", "5"]) == 0
    assert main(["predict", "softmax-lab-out", "iris", "--out", "p.csv"]) == 0
    assert "150 rows of Iris, 3 classes: p.csv" in capsys.readouterr().out
    assert len(rows_of("p.csv")) == 150


def test_unknown_categories_are_said_on_stderr(without_plots: None, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data.csv").write_bytes(CROWD["all text"])
    Path("new.csv").write_text("color,size\ngreen,big\nred,small\n", encoding="utf-8")
    assert main(["train", "data.csv", "--target", "class", "--epochs", "3"]) == 0
    assert main(["predict", "softmax-lab-out", "new.csv"]) == 0
    assert "Note: color: “green” in 1 row not known" in capsys.readouterr().err


def test_the_table_itself_is_never_overwritten(without_plots: None, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data.csv").write_bytes(CROWD["constant column"])
    assert main(["train", "data.csv", "--epochs", "3"]) == 0
    capsys.readouterr()
    line = refusal(capsys, "predict", "softmax-lab-out", "data.csv", "--out", "./data.csv")
    assert "data.csv is the table itself" in line
    assert Path("data.csv").read_bytes() == CROWD["constant column"]


def test_a_table_without_a_column_is_refused(without_plots: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "iris", "--epochs", "1"]) == 0
    capsys.readouterr()
    Path("new.csv").write_text("sepal_length,class\n1,a\n2,b\n", encoding="utf-8")
    assert "new.csv" in refusal(capsys, "predict", "softmax-lab-out", "new.csv")


# Without Qt's libraries, with a window


def test_without_the_libraries_everything_but_the_plots_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gui.headless, "missing_libraries", lambda libraries: libraries[:1])
    assert main(["train", "iris", "--epochs", "5"]) == 0
    assert sorted(path.name for path in Path("softmax-lab-out").iterdir()) == sorted(set(FILES) - set(PLOTS))
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("No plots are drawn: Qt needs system libraries that are missing here: libglib-2.0.so.0.")
    assert "sudo apt install libglib2.0-0" in last


def test_a_window_that_cannot_open_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gui.system_check, "has_display", lambda: True)
    monkeypatch.setattr(gui.system_check, "missing_for_window", lambda: gui.system_check.WAYLAND)
    assert main([]) == 1
    assert "sudo dnf install libwayland-client libwayland-cursor" in capsys.readouterr().err


def test_alone_the_command_opens_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gui.system_check, "has_display", lambda: True)
    monkeypatch.setattr(gui.system_check, "missing_for_window", lambda: ())
    monkeypatch.setattr(gui.app, "run_window", lambda: 7)
    assert main([]) == 7


def test_check_prints_libraries_display_and_versions(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--check"])
    out = capsys.readouterr().out
    assert (code, "sudo apt install" in out) in [(0, False), (1, True)]
    assert "display: " in out
    assert f"NumPy {np.__version__}" in out


# The real command, in a process of its own


def environment(**changes: str) -> dict[str, str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTEST_CURRENT_TEST")
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | changes


def command(*argv: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gui", *argv],
        env=environment(**changes),
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        timeout=50,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="there is always a display")
@pytest.mark.parametrize("changes", [{}, {"DISPLAY": ":77"}], ids=["no DISPLAY", "a dead DISPLAY"])
def test_without_a_display_iris_is_trained_and_the_files_are_listed(changes: dict[str, str]) -> None:
    result = command(**changes)
    assert result.returncode == 0, result.stderr
    first, *others = result.stderr.splitlines()
    assert first == "There is no display to open a window on, so iris is trained without one."
    assert all(line.startswith("epoch ") for line in others)
    assert sorted(path.name for path in Path("softmax-lab-out").iterdir()) == sorted(FILES)
    assert result.stdout.splitlines()[-len(FILES) :] == [str(Path("softmax-lab-out", name)) for name in FILES]


def test_the_version_and_the_help_are_printed_in_any_encoding() -> None:
    assert command("--version").stdout.startswith("softmax-lab ")
    result = command("train", "--help", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 0
    assert "--learning-rate" in result.stdout


def test_bad_input_is_no_traceback() -> None:
    result = command("train", "iris", "--learning-rate", "0")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "softmax-lab: Learning rate must be greater than 0 and at most 1,000,000, not 0.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes there")
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written() -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
    code = f"{limited}from gui.__main__ import main; sys.exit(main(['train', 'iris', '--epochs', '500']))"
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, check=False, text=True
    )
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == (
        "softmax-lab: softmax-lab-out/history.csv cannot be written: File too large."
    )
    assert sorted(path.name for path in Path("softmax-lab-out").iterdir()) == ["metrics.json", "model.npz"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a single process there")
def test_ctrl_c_ends_quietly() -> None:
    argv = [sys.executable, "-m", "gui", "train", "digits", "--epochs", "20000"]
    with subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stdout.readline()  # type: ignore[union-attr]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="no broken pipes there")
def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    code = f"{sys.executable} -m gui train --help | head -1"
    result = subprocess.run(code, shell=True, env=environment(), capture_output=True, check=False, text=True)  # noqa: S602
    assert result.stdout.startswith("usage: softmax-lab train")
    assert result.stderr == ""


def test_training_without_a_window_needs_no_qt_until_the_plots() -> None:
    code = "import sys, gui.headless; print([name for name in sys.modules if 'PySide6' in name or 'pyqtgraph' in name])"
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=True, text=True)
    assert result.stdout == "[]\n"


def test_ctrl_c_keeps_what_was_learned(
    without_plots: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press_ctrl_c(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gui.progress_bar.ProgressBar.show", press_ctrl_c)
    assert main(["train", "digits"]) == 130
    metrics = json.loads(Path("softmax-lab-out/metrics.json").read_text(encoding="utf-8"))
    assert metrics["stop_reason"] == "stopped"
    assert 0 < metrics["steps"] < 2000 * 45
    assert Path("softmax-lab-out/model.npz").exists()
    assert "Stopped" in capsys.readouterr().out
