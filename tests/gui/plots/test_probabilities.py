import decimal
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from engine.hyperparameters import TrainingConfig
from gui.image_export import find_format, render
from gui.plots.digits import format_exp
from gui.plots.probabilities import ProbabilitiesPlot
from gui.session import Session

EXACT = decimal.Context(prec=40, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def value_of(text: str) -> decimal.Decimal:
    return EXACT.create_decimal(text.replace("−", "-"))


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text.split("e")[0]).lstrip("0")


@given(st.floats(-1e9, 1e9, exclude_min=True, exclude_max=True))
def test_exp_has_four_right_digits_however_huge_or_tiny(z: float) -> None:
    text = format_exp(z)
    exact = EXACT.exp(EXACT.create_decimal_from_float(z))
    error = abs(value_of(text) / exact - 1)
    assert error <= decimal.Decimal("5.1e-4"), f"e^{z!r} written as {text}, is {exact:.6e}"
    assert len(digits_of(text)) <= 4


@given(st.floats(-700, 700))
def test_exp_agrees_with_the_library_where_that_can_follow(z: float) -> None:
    if (expected := math.exp(z) if z < 709 else 0.0) > 0:
        assert float(format_exp(z).replace("−", "-")) == pytest.approx(expected, rel=5.1e-4)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_exp_of_any_float_is_short(z: float) -> None:
    text = format_exp(z)
    assert 0 < len(text) <= 24
    assert "-" not in text  # a true minus sign


@pytest.mark.parametrize(
    ("z", "text"),
    [
        (0.0, "1"),
        (-0.0, "1"),
        (1.0, "2.718"),
        (math.log(2), "2"),
        (-1.0, "0.3679"),
        (1000.0, "1.970e+434"),
        (-1000.0, "5.076e−435"),
        (2.5e17, "e^2.5e+17"),
        (-1e300, "e^−1e+300"),
        (math.inf, "∞"),
        (-math.inf, "0"),
        (math.nan, "–"),
    ],
)
def test_exp_as_it_is_written(z: float, text: str) -> None:
    assert format_exp(z) == text


def steps(session: Session) -> int:
    latest = session.history.latest if session.history else None
    return latest.step if latest else 0


class TestPlot:
    @pytest.fixture
    def plot(self, qtbot, iris_session: Session):
        plot = ProbabilitiesPlot(iris_session)
        plot.resize(520, 320)
        with qtbot.waitExposed(plot):
            plot.show()
        yield plot
        plot.close()
        plot.deleteLater()

    @pytest.fixture
    def texts(self, plot: ProbabilitiesPlot) -> Callable[[], list[str]]:
        def texts() -> list[str]:
            root = ElementTree.fromstring(render(plot, find_format("svg")))  # noqa: S314 - made by this program
            return [node.text.strip() for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]

        return texts

    def test_before_training_all_classes_are_equally_likely(self, plot, texts) -> None:
        found = texts()
        assert found.count("0.3333") == 3
        assert found.count("0.0000") == 3  # z
        assert found.count("1") >= 3  # e^z
        assert any("1.099" in text for text in found)  # L = ln 3

    def test_what_is_written_is_the_softmax_of_the_weights(self, qtbot, iris_session: Session, plot, texts) -> None:
        for n in range(5):
            iris_session.step()
            qtbot.waitUntil(lambda n=n: steps(iris_session) == n + 1)
        iris_session.choose_example(120)
        data, theta = iris_session.loaded.data, iris_session.theta
        W, b = theta[: 3 * 4].reshape(3, 4), theta[3 * 4 :]
        z = [float(sum(data.X_all[120, d] * W[c, d] for d in range(4)) + b[c]) for c in range(3)]
        total = sum(math.exp(value) for value in z)
        found = texts()
        for value in z:
            assert f"{value:.4f}".replace("-", "−") in found
            assert f"{math.exp(value) / total:.4f}" in found
        loss = -math.log(math.exp(z[2]) / total)
        assert any(f"{loss:.4g}" in text for text in found)

    def test_the_actual_class_is_marked(self, iris_session: Session, plot, texts) -> None:
        for example, name in ((0, "setosa"), (60, "versicolor"), (149, "virginica")):
            iris_session.choose_example(example)
            assert [text for text in texts() if "✓" in text] == [f"{name} ✓"]
            assert any(f"actual class {name}" in text for text in texts())

    def test_says_which_part_the_example_belongs_to(self, iris_session: Session, plot) -> None:
        split = iris_session.loaded.data.split
        for example, part in ((split.train[3], "training"), (split.validation[3], "validation")):
            iris_session.choose_example(int(example))
            assert plot.content.accessibleDescription().startswith(f"Table row {example + 1}, {part};")

    def test_probabilities_written_sum_to_1(self, qtbot, iris_session: Session, plot, texts) -> None:
        iris_session.step()
        qtbot.waitUntil(lambda: steps(iris_session) == 1)
        iris_session.choose_example(77)
        data, theta = iris_session.loaded.data, iris_session.theta
        z = theta[:12].reshape(3, 4) @ data.X_all[77] + theta[12:]
        expected = np.exp(z) / np.exp(z).sum()
        shown = [float(text) for text in texts() if re.fullmatch(r"0\.\d{4}", text)]
        assert all(any(abs(s - p) <= 5.1e-5 for s in shown) for p in expected)

    def test_hidden_layers_come_between_example_and_logits(self, iris_session: Session, plot, texts) -> None:
        iris_session.set_config(TrainingConfig(hidden_layers=(2,), activation="relu", seed=3))
        iris_session.choose_example(60)
        x, theta = iris_session.loaded.data.X_all[60], iris_session.theta
        hidden = np.maximum(theta[:8].reshape(2, 4) @ x + theta[8:10], 0)
        z = theta[10:16].reshape(3, 2) @ hidden + theta[16:]
        assert len(set(np.round(z, 4))) > 1
        found = texts()
        for value in z:
            assert f"{value:.4f}".replace("-", "−") in found

    def test_the_sum_stands_under_the_column_of_t(self, iris_session: Session, plot, texts) -> None:
        iris_session.choose_example(120)
        written = " ".join(texts())
        assert "z t = eᶻ ŷ y" in written
        assert re.search(r"Σ t 3 Table row", written)  # e^0 three times, before training

    def test_y_is_1_for_the_actual_class_alone(self, iris_session: Session, plot) -> None:
        iris_session.choose_example(60)
        told = {plot.text_at(QPointF(40, y)) for y in range(plot.content.height())}
        rows = {text.splitlines()[0]: text.splitlines()[-1] for text in told if "y = " in text}
        assert rows == {"setosa": "y = 0", "versicolor": "y = 1", "virginica": "y = 0"}

    def test_the_pointer_reads_every_digit(self, qtbot, iris_session: Session, plot) -> None:
        iris_session.step()
        qtbot.waitUntil(lambda: steps(iris_session) == 1)
        iris_session.choose_example(77)
        told = {plot.text_at(QPointF(40, y)) for y in range(plot.content.height())}
        data, theta = iris_session.loaded.data, iris_session.theta.astype(float)
        z = theta[:12].reshape(3, 4) @ data.X_all[77] + theta[12:]
        expected = {"z": z, "t = eᶻ": np.exp(z), "ŷ": np.exp(z) / np.exp(z).sum()}
        for c, name in enumerate(("setosa", "versicolor", "virginica")):
            (text,) = (text for text in told if text.startswith(name))
            lines = dict(line.rsplit(" = ", 1) for line in text.splitlines()[1:])
            for column, values in expected.items():
                assert float(lines[column].replace("−", "-")) == pytest.approx(values[c], rel=1e-6)
        assert any(text.startswith("Σ t = ") for text in told)
        assert any(text.startswith("L = −log ŷ = ") for text in told)
