"""Pictures of any size and look, taken from plots that come back as they were."""

from __future__ import annotations

import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import colours_in, find, pixels, wait_until
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from engine.errors import SettingError
from engine.runs.picture_metadata import setup_in
from engine.runs.setup_record import from_json
from gui.image_export import FORMATS, find_format, paint, pixels_of, render
from gui.main_window import MainWindow
from gui.pictures.options import PictureOptions, PictureSize, find_preset
from gui.plots.base import Plot
from gui.plots.cost import CostPlot
from gui.plots.decision_regions import DecisionRegionsPlot
from gui.session import Session

PLOTS = ["cost", "accuracy", "decision_regions", "probabilities"]
PAPER = find_preset("paper").options
ODD = PictureOptions(size=PictureSize(21.3, 5.7, "cm"), theme="dark", font_size=17.0, legend=False)


@pytest.fixture(scope="module")
def trained(shared_window: MainWindow, shared_session: Session) -> Iterator[MainWindow]:
    shared_session.open_entry("iris")
    wait_until(lambda: shared_session.loaded is not None)
    for n in range(1, 7):
        shared_session.step()
        wait_until(lambda n=n: shared_session.history.latest is not None and shared_session.history.latest.step == n)
    shared_window.resize(1280, 800)
    QTest.qWait(60)
    return shared_window


@pytest.fixture(params=PLOTS)
def plot(trained: MainWindow, request: pytest.FixtureRequest) -> Plot:
    return find(trained, request.param, Plot)


@pytest.fixture
def cost(trained: MainWindow) -> Plot:
    return find(trained, "cost", Plot)


def texts_of(svg: bytes) -> dict[str, float]:
    """Every text in the picture with the size of its letters in logical pixels."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - made by this program
    nodes = root.iter("{http://www.w3.org/2000/svg}text")
    return {node.text.strip(): float(node.get("font-size")) for node in nodes if node.text and node.text.strip()}


class TestSize:
    @pytest.mark.parametrize(
        ("key", "size", "expected"),
        [
            ("png_300dpi", PictureSize(8.5, 6.0, "cm"), (1004, 709)),
            ("png_2x", PictureSize(25.4, 14.29, "cm"), (1920, 1080)),
            ("png_2x", PictureSize(601, 402, "px"), (601, 402)),
        ],
    )
    def test_pixels_are_as_asked(self, cost: Plot, key: str, size: PictureSize, expected: tuple[int, int]) -> None:
        options = PictureOptions(size=size)
        image = QImage.fromData(render(cost, find_format(key), options))
        assert (image.width(), image.height()) == expected
        assert pixels_of(cost, find_format(key), options) == image.size()
        assert colours_in(pixels(image)) > 20

    def test_vector_pictures_have_it_too(self, plot: Plot, tmp_path: Path) -> None:
        svg = render(plot, find_format("svg"), PAPER)
        assert b'width="85mm" height="60mm"' in svg
        if shutil.which("pdfinfo"):
            path = tmp_path / "a.pdf"
            path.write_bytes(render(plot, find_format("pdf"), PAPER))
            found = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
            assert "241 x 170 pts" in found

    def test_the_axes_are_laid_out_for_it(self, cost: Plot) -> None:
        """Not a small picture made larger: twice the width holds more labels of the same size."""
        narrow, wide = (
            texts_of(render(cost, find_format("svg"), PictureOptions(size=PictureSize(width, 400, "px"))))
            for width in (260, 1200)
        )
        assert len(wide) > len(narrow)
        assert wide["epoch"] == narrow["epoch"]

    def test_a_size_that_does_not_fit_is_refused_and_changes_nothing(self, cost: Plot) -> None:
        before = pixels(cost)
        with pytest.raises(SettingError, match="too small"):
            render(cost, find_format("svg"), PictureOptions(size=PictureSize(1, 1, "cm")))
        with pytest.raises(SettingError, match="million pixels"):
            paint(cost, 100.0)
        assert np.array_equal(pixels(cost), before)


class TestLook:
    def test_letters_are_as_large_as_asked(self, plot: Plot) -> None:
        svg = texts_of(render(plot, find_format("svg"), PictureOptions(font_size=18.0)))
        title = next(size for text, size in svg.items() if text.startswith(plot.title))
        assert title == pytest.approx(18.0 * 96 / 72 * 1.15, rel=0.03)
        others = [size for text, size in svg.items() if not text.startswith(plot.title)]
        assert min(others) == pytest.approx(18.0 * 96 / 72, rel=0.15)  # marks are written a little smaller

    @pytest.mark.parametrize(("theme", "corner"), [("light", [255, 255, 255]), ("dark", [0x23, 0x26, 0x2C])])
    def test_ground(self, plot: Plot, theme: str, corner: list[int]) -> None:
        picture = pixels(paint(plot, 1.0, PictureOptions(theme=theme)))
        assert [picture[row, column].tolist() for row in (0, -1) for column in (0, -1)] == [corner] * 4
        assert colours_in(picture) > 20

    def test_a_transparent_picture_on_white_is_the_light_one(self, plot: Plot) -> None:
        transparent = QImage.fromData(render(plot, find_format("png_1x"), PictureOptions(theme="transparent")))
        assert transparent.hasAlphaChannel()
        assert transparent.pixelColor(0, 0).alpha() == 0
        on_white = QImage(transparent.size(), QImage.Format.Format_RGB32)
        on_white.fill(0xFFFFFFFF)
        painter = QPainter(on_white)
        painter.drawImage(0, 0, transparent)
        painter.end()
        difference = np.abs(pixels(on_white).astype(int) - pixels(paint(plot, 1.0)))
        assert difference.mean() < 0.5

    def test_without_a_legend(self, cost: Plot) -> None:
        options = PictureOptions(size=PictureSize(600, 400, "px"), legend=False)
        assert "training" not in texts_of(render(cost, find_format("svg"), options))
        assert "training" in texts_of(render(cost, find_format("svg"), PictureOptions(size=options.size)))

    @pytest.mark.parametrize("options", [PAPER, ODD], ids=["paper", "odd"])
    def test_the_window_comes_back_as_it_was(self, plot: Plot, qtbot, options: PictureOptions) -> None:
        font, size, least = plot.font(), plot.content.size(), plot.content.minimumSize()
        before = pixels(plot)
        for key in ("png_1x", "svg"):
            render(plot, find_format(key), options)
        assert (plot.font(), plot.content.size(), plot.content.minimumSize()) == (font, size, least)
        assert np.array_equal(pixels(plot), before)
        qtbot.wait(20)
        assert np.array_equal(pixels(plot), before)


class TestSameInputSameBytes:
    def test_at_another_time_and_after_other_pictures(self, trained: MainWindow) -> None:
        plots = [find(trained, name, Plot) for name in ("cost", "decision_regions")]
        kinds = [(plot, find_format(key), options) for plot in plots for key, options in
                 (("png_1x", PAPER), ("svg", PictureOptions()), ("pdf", PAPER))]  # fmt: skip
        first = [render(*kind) for kind in kinds]
        for plot in plots:
            paint(plot, 1.0, ODD)
        QTest.qWait(1020)  # the dates in a PDF count seconds
        for kind, data in zip(kinds, first, strict=True):
            assert render(*kind) == data, (kind[0].key, kind[1].key)

    @pytest.mark.parametrize("kind", [CostPlot, DecisionRegionsPlot])
    def test_a_plot_that_no_screen_has_seen_gives_the_same(
        self, trained: MainWindow, shared_session: Session, qtbot, kind: type[Plot]
    ) -> None:
        fresh = kind(shared_session)
        qtbot.addWidget(fresh)
        seen = next(plot for plot in trained.plots if type(plot) is kind)
        first = render(fresh, find_format("svg"), ODD)
        assert render(fresh, find_format("svg"), ODD) == first == render(seen, find_format("svg"), ODD)

    def test_no_date_is_left(self, cost: Plot) -> None:
        data = render(cost, find_format("pdf"))
        assert b"Date (" not in data
        assert time.strftime("D:%Y").encode() not in data


class TestSetup:
    @pytest.mark.parametrize("image_format", FORMATS, ids=lambda one: one.key)
    def test_every_file_carries_it(self, cost: Plot, shared_session: Session, image_format) -> None:
        record = from_json(setup_in(render(cost, image_format, PAPER)))
        assert (record.key, record.target) == ("iris", "species")
        assert record.fingerprint == shared_session.loaded.dataset.fingerprint
        assert (record.training, record.preparation) == (shared_session.config, shared_session.preparation)
        assert dict(record.versions)["softmax-lab"]

    @pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts is not installed")
    def test_a_pdf_holds_its_fonts_and_is_sound(self, plot: Plot, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(render(plot, find_format("pdf"), PAPER))
        fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True)
        assert fonts.stderr == ""
        rows = [line.split() for line in fonts.stdout.splitlines()[2:]]
        assert rows
        assert all(row[-5] == "yes" for row in rows)  # embedded

    def test_before_there_is_data_a_picture_is_taken_all_the_same(self, session: Session, qtbot) -> None:
        plot = CostPlot(session)
        qtbot.addWidget(plot)
        for key in ("png_1x", "svg", "pdf"):
            assert b"softmax-lab set-up" not in render(plot, find_format(key), PAPER)


def test_a_plot_that_was_never_shown_has_a_size_to_look_at(iris_session: Session, qtbot) -> None:
    plot = DecisionRegionsPlot(iris_session)
    qtbot.addWidget(plot)
    image = paint(plot, 1.0)
    assert image.width() > 600
    assert colours_in(pixels(image)) > 20
    assert plot.content.size() != QSize(image.width(), image.height())


@pytest.mark.parametrize("name", ["x" * 200, "판매 🌼 ملف", "<b>&amp;\u202e"])
def test_any_name_makes_a_picture(session: Session, qtbot, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y,kind\n" + f"1,2,{name}\n3,5,b\n" * 20, encoding="utf-8")
    with qtbot.waitSignal(session.data_changed):
        session.open_file(path)
    plot = DecisionRegionsPlot(session)
    qtbot.addWidget(plot)
    ElementTree.fromstring(render(plot, find_format("svg"), PAPER))  # noqa: S314 - made by this program
    assert from_json(setup_in(render(plot, find_format("pdf"), PAPER))).name == "a.csv"
