from collections.abc import Callable
from pathlib import Path

import pytest
from crowd import CROWD, REFUSED_ON_ENCODING, REFUSED_ON_READING
from driving import click, drop_file, find, focus, pixels, press, text_of, type_over
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QPushButton, QToolButton

from engine.data.gallery import GALLERY
from engine.data.preparation import PreparationConfig
from engine.hyperparameters import TrainingConfig
from gui import dialogs
from gui.image_export import paint
from gui.main_window import MainWindow
from gui.plots.base import Plot
from gui.run_view import RunState
from gui.session import Session

PLOTS = ["cost", "decision_regions", "accuracy", "probabilities"]


@pytest.fixture
def session(shared_session: Session) -> Session:
    return shared_session


@pytest.fixture
def load(session: Session, qtbot) -> Callable[..., None]:
    def load(key: str) -> None:
        with qtbot.waitSignal(session.data_changed):
            session.open_entry(key)

    return load


def summary(window: MainWindow) -> str:
    return text_of(window, "data_summary")


def trains(window: MainWindow, session: Session, qtbot) -> bool:
    """Whether a step can be made on what is loaded, and every plot painted of it."""
    click(find(window, "step", QToolButton))
    qtbot.waitUntil(lambda: session.history is not None and session.history.latest is not None)
    qtbot.waitUntil(lambda: session.history.latest.step == 1 or session.state is RunState.ENDED)
    for name in PLOTS:
        plot = find(window, name, Plot)
        plot.redraw()
        assert pixels(plot).std() > 1
    return session.history.latest.step == 1


class TestGallery:
    def test_every_entry_is_offered_with_a_line_about_it(self, window: MainWindow) -> None:
        box = find(window, "dataset", QComboBox)
        titles = [box.itemText(i) for i in range(box.count())]
        assert titles[: len(GALLERY)] == [entry.title for entry in GALLERY]
        for i, entry in enumerate(GALLERY):
            spoken = box.itemData(i, Qt.ItemDataRole.AccessibleDescriptionRole)
            assert entry.description in spoken
            assert f"C = {entry.n_classes}" in spoken

    def test_choose_with_the_keyboard(self, window: MainWindow, session: Session, qtbot) -> None:
        focus(find(window, "dataset"))
        with qtbot.waitSignal(session.data_changed):
            press(window, Qt.Key.Key_Down)
        assert window.windowTitle().startswith("Wine")
        assert "178 rows × 13 features, 3 classes" in summary(window)
        with qtbot.waitSignal(session.data_changed):
            press(window, Qt.Key.Key_B)
        assert window.windowTitle().startswith("Breast cancer")

    def test_the_list_paints(self, window: MainWindow, qtbot) -> None:
        box = find(window, "dataset", QComboBox)
        click(box)
        popup = box.view().window()
        qtbot.waitUntil(popup.isVisible)
        assert pixels(popup).std() > 5
        box.hidePopup()

    @pytest.mark.parametrize("entry", GALLERY, ids=lambda entry: entry.key)
    def test_every_entry_trains(self, window: MainWindow, session: Session, load, qtbot, entry) -> None:
        load(entry.key)
        assert f"{entry.n_examples:,} rows × {entry.n_features}" in summary(window)
        assert f"{entry.n_classes} classes" in summary(window)
        assert find(window, "dataset", QComboBox).currentText() == entry.title
        assert trains(window, session, qtbot)

    def test_a_generator_has_settings(self, window: MainWindow, session: Session, load, qtbot) -> None:
        box = find(window, "dataset", QComboBox)
        box.setCurrentIndex(box.findData("blobs"))
        with qtbot.waitSignal(session.data_changed):
            box.activated.emit(box.currentIndex())
        qtbot.waitUntil(find(window, "class_count", QAbstractSpinBox).isVisible)
        with qtbot.waitSignal(session.data_changed):
            type_over(find(window, "class_count", QAbstractSpinBox), "6")
        assert "6 classes" in summary(window)
        type_over(find(window, "class_count", QAbstractSpinBox), "99")
        assert "10" in text_of(window, "class_count_error")
        assert "6 classes" in summary(window)
        load("iris")
        assert not [field for field in window.findChildren(QAbstractSpinBox, "class_count") if field.isVisible()]

    def test_missing_values_are_told_in_plain_words(self, window: MainWindow, load) -> None:
        load("penguins")
        assert "missing" in text_of(window, "data_report")


class TestTargetAndSplit:
    def test_target(self, window: MainWindow, session: Session, load, qtbot) -> None:
        load("penguins")
        target = find(window, "target", QComboBox)
        assert target.currentText() == "species"
        focus(target)
        with qtbot.waitSignal(session.data_changed):
            press(window, Qt.Key.Key_Down)
        assert target.currentText() == session.loaded.dataset.target_name == "island"
        assert trains(window, session, qtbot)

    def test_a_target_that_measures_is_refused_and_the_old_one_stays(
        self, window: MainWindow, session: Session, qtbot
    ) -> None:
        target = find(window, "target", QComboBox)
        session.choose_target(target.itemText(0))
        qtbot.waitUntil(lambda: find(window, "banner").isVisible() or session.loaded.dataset.target_name != "species")
        if find(window, "banner").isVisible():
            assert target.currentText() == "species"
        assert trains(window, session, qtbot)

    def test_validation_share(self, window: MainWindow, session: Session, qtbot) -> None:
        with qtbot.waitSignal(session.data_changed):
            type_over(find(window, "validation_share"), "0.5")
        assert "75 for training, 75 for validation" in summary(window)

    def test_refused_share(self, window: MainWindow, session: Session, qtbot) -> None:
        with qtbot.assertNotEmitted(session.data_changed, wait=50):
            type_over(find(window, "validation_share"), "1.5")
        assert "at most 0.9" in text_of(window, "validation_share_error")
        assert "120 for training" in summary(window)
        type_over(find(window, "validation_share"), "0.2")
        assert text_of(window, "validation_share_error") == ""

    def test_split_seed_and_switches(self, window: MainWindow, session: Session, qtbot) -> None:
        before = session.loaded.data.split.validation.copy()
        with qtbot.waitSignal(session.data_changed):
            type_over(find(window, "split_seed"), "5")
        assert session.loaded.data.split.validation.tolist() != before.tolist()
        box = find(window, "standardize", QCheckBox)
        with qtbot.waitSignal(session.data_changed):
            click(box, QPoint(8, box.height() // 2))
        assert session.loaded.data.preprocessor.standardizer is None


class TestFiles:
    def test_open_button(self, window: MainWindow, session: Session, qtbot, monkeypatch, tmp_path: Path) -> None:
        path = tmp_path / "mine.csv"
        path.write_text("x,y,class\n" + "1,2,a\n3,4,b\n" * 5)
        monkeypatch.setattr(dialogs, "choose_table_file", lambda *_: path)
        with qtbot.waitSignal(session.data_changed):
            click(find(window, "open_file", QPushButton))
        assert find(window, "dataset", QComboBox).currentText() == "mine.csv"
        assert trains(window, session, qtbot)

    def test_drop(self, window: MainWindow, session: Session, qtbot, tmp_path: Path) -> None:
        path = tmp_path / "dropped.csv"
        path.write_text("x,y,class\n" + "1,2,a\n3,4,b\n" * 5)
        with qtbot.waitSignal(session.data_changed):
            assert drop_file(window, path)
        assert window.windowTitle().startswith("dropped.csv")

    def test_a_second_file_takes_the_place_of_the_first(self, window: MainWindow, session, qtbot, tmp_path) -> None:
        for name in ("one.csv", "two.csv"):
            (tmp_path / name).write_text("x,y,class\n" + "1,2,a\n3,4,b\n" * 5)
            with qtbot.waitSignal(session.data_changed):
                drop_file(window, tmp_path / name)
        box = find(window, "dataset", QComboBox)
        assert [box.itemText(i) for i in range(len(GALLERY), box.count())] == ["two.csv"]

    @pytest.mark.parametrize("name", CROWD)
    def test_the_crowd_loads_or_is_explained(
        self, window: MainWindow, session: Session, qtbot, tmp_path: Path, name: str
    ) -> None:
        path = tmp_path / "crowd.csv"
        path.write_bytes(CROWD[name])
        with qtbot.waitSignal(session.busy_changed, check_params_cb=lambda text: text == "", timeout=30_000):
            drop_file(window, path)
        if name in REFUSED_ON_READING:
            assert REFUSED_ON_READING[name] in text_of(window, "banner_text")
        if text_of(window, "banner_text"):
            assert name in REFUSED_ON_READING | REFUSED_ON_ENCODING, text_of(window, "banner_text")
            assert text_of(window, "banner_text").endswith((".", "!", "?"))
            assert window.windowTitle().startswith("Iris")
            assert find(window, "dataset", QComboBox).currentText() == "Iris"
        else:
            assert window.windowTitle().startswith("crowd.csv")
        assert trains(window, session, qtbot)

    @pytest.mark.parametrize("name", ["huge numbers", "beyond float64", "infinities", "constant column"])
    def test_the_wild_ones_unscaled(
        self, window: MainWindow, session: Session, qtbot, tmp_path: Path, name: str
    ) -> None:
        path = tmp_path / "crowd.csv"
        path.write_bytes(CROWD[name])
        with qtbot.waitSignal(session.data_changed, timeout=30_000):
            drop_file(window, path)
        with qtbot.waitSignal(session.data_changed, timeout=30_000):
            session.set_preparation(PreparationConfig(standardize=False))
        trains(window, session, qtbot)  # it may diverge at the first step: the numbers are what they are

    @pytest.mark.parametrize("place", ["a folder", "a missing file"])
    def test_what_is_no_file(self, window: MainWindow, session: Session, qtbot, tmp_path: Path, place: str) -> None:
        with qtbot.waitSignal(session.failed):
            drop_file(window, tmp_path if place == "a folder" else tmp_path / "gone.csv")
        assert len(text_of(window, "banner_text")) > 15
        assert window.windowTitle().startswith("Iris")
        assert trains(window, session, qtbot)

    def test_the_banner_goes_when_something_loads(self, window: MainWindow, session: Session, load, qtbot, tmp_path):
        with qtbot.waitSignal(session.failed):
            drop_file(window, tmp_path)
        assert find(window, "banner").isVisible()
        load("wine")
        assert not find(window, "banner").isVisible()

    def test_data_changed_while_training(self, window: MainWindow, session: Session, load, qtbot) -> None:
        session.set_config(TrainingConfig(epochs=1_000_000))
        click(find(window, "train", QToolButton))
        qtbot.waitUntil(lambda: session.history is not None and session.history.latest is not None)
        load("wine")
        assert "ended because its data changed" in text_of(window, "message")
        assert session.state is RunState.READY
        assert trains(window, session, qtbot)


class TestNames:
    """Names of classes and columns that are long, foreign or many."""

    @pytest.mark.parametrize("name", ["x" * 200, "서울특별시 강남구", "<b>bold</b>&amp;", "한" * 200], ids=len)
    def test_strange_names_paint(self, window: MainWindow, session: Session, qtbot, tmp_path: Path, name: str) -> None:
        path = tmp_path / "names.csv"
        path.write_text(f"{name} 1,{name} 2,class\n" + f"1,2,{name}\n3,1,other\n" * 6, encoding="utf-8")
        with qtbot.waitSignal(session.data_changed):
            drop_file(window, path)
        assert name in session.loaded.dataset.class_names
        assert trains(window, session, qtbot)
        for key in PLOTS:
            paint(find(window, key, Plot), 1.0)
        assert window.width() <= 1280

    @pytest.mark.parametrize("n_classes", [26, 27, 200])
    def test_many_classes_paint(
        self, window: MainWindow, session: Session, qtbot, tmp_path: Path, n_classes: int
    ) -> None:
        path = tmp_path / "many.csv"
        rows = [f"{i % 17},{i % 23},class number {i % n_classes}" for i in range(6 * n_classes)]
        path.write_text("x,y,class\n" + "\n".join(rows))
        with qtbot.waitSignal(session.data_changed):
            drop_file(window, path)
        if session.loaded.dataset.target_name != "class":
            with qtbot.waitSignal(session.data_changed):
                session.choose_target("class")
        assert session.loaded.dataset.n_classes == n_classes
        assert trains(window, session, qtbot)
        for key in PLOTS:
            paint(find(window, key, Plot), 1.0)
