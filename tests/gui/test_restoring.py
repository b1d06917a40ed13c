from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from driving import find, type_over, wait_until
from PySide6.QtWidgets import QComboBox

from engine.data.generators import GeneratorConfig
from engine.data.preparation import PreparationConfig
from engine.hyperparameters import TrainingConfig
from engine.runs.picture_metadata import PictureText, read_setup, svg_with
from engine.runs.setup_record import SetupRecord, from_json, to_json
from gui.image_export import find_format, render
from gui.main_window import MainWindow
from gui.plots.cost import CostPlot
from gui.restoring import Restoring, is_picture
from gui.run_view import RunState
from gui.session import Session
from gui.settings import Settings

OTHER = TrainingConfig(optimizer="adam", learning_rate=0.02, batch_size=16, hidden_layers=(5, 3), seed=3, epochs=40)
HALVED = PreparationConfig(validation_share=0.5, split_seed=4, standardize=False)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><defs/></svg>'


class Watched(Restoring):
    """Restoring that keeps what it says."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session, settings)
        self.said: list[str] = []
        self.complaints: list[str] = []
        self.message.connect(self.said.append)
        self.failed.connect(self.complaints.append)
        session.failed.connect(self.complaints.append)

    def open_and_wait(self, path: Path) -> str:
        """Open the picture; what was said in the end."""
        before = len(self.said) + len(self.complaints)
        self.open_picture(path)
        wait_until(lambda: len(self.said) + len(self.complaints) > before)
        return (self.said or self.complaints)[-1]


@pytest.fixture
def restoring(session: Session, settings_file: Path) -> Iterator[Watched]:
    restoring = Watched(session, Settings(settings_file))
    yield restoring
    restoring.close()


@pytest.fixture
def picture_of(session: Session, qtbot, tmp_path: Path) -> Callable[..., Path]:
    """A function that saves a picture of the cost as the session is now."""

    def picture_of(suffix: str = "png_1x", name: str = "picture") -> Path:
        plot = CostPlot(session)
        qtbot.addWidget(plot)
        image_format = find_format(suffix)
        path = tmp_path / f"{name}.{image_format.suffix}"
        path.write_bytes(render(plot, image_format))
        return path

    return picture_of


def load(session: Session, qtbot, what: str | Path, generator: GeneratorConfig | None = None) -> None:
    with qtbot.waitSignal(session.data_changed):
        session.open_file(what) if isinstance(what, Path) else session.open_entry(what, generator)


def written(path: Path, first: str = "1,2,a,u\n3,5,b,v\n") -> Path:
    path.write_text("x,y,kind,other\n" + first + "2,1,a,v\n4,4,b,u\n" * 30, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["png_1x", "svg", "pdf"])
def test_everything_returns(session: Session, qtbot, restoring: Watched, picture_of, suffix: str) -> None:
    drawn = GeneratorConfig(n_points=120, class_count=4, noise=0.15, generator_seed=9)
    load(session, qtbot, "blobs", drawn)
    with qtbot.waitSignal(session.data_changed):
        session.set_preparation(HALVED)
    session.set_config(OTHER)
    fingerprint = session.loaded.dataset.fingerprint
    path = picture_of(suffix)
    load(session, qtbot, "iris")
    session.set_config(TrainingConfig())
    with qtbot.waitSignal(session.data_changed):
        session.set_preparation(PreparationConfig())
    assert is_picture(path)
    assert restoring.open_and_wait(path) == "Set up as in the picture: Blobs. Train runs it again."
    loaded = session.loaded
    assert (loaded.key, loaded.generator, loaded.dataset.fingerprint) == ("blobs", drawn, fingerprint)
    assert (session.preparation, loaded.data.config, session.config) == (HALVED, HALVED, OTHER)
    assert session.state is RunState.READY
    assert session.history is None
    assert restoring.complaints == []


def test_what_a_run_began_with_counts_and_not_what_came_after(
    session: Session, qtbot, restoring: Watched, picture_of
) -> None:
    load(session, qtbot, "iris")
    session.step()
    qtbot.waitUntil(lambda: session.history.latest is not None and session.history.latest.step == 1)
    session.set_config(replace(TrainingConfig(), learning_rate=0.7))
    session.step()
    qtbot.waitUntil(lambda: session.history.latest.step == 2)
    path = picture_of()
    record = from_json(read_setup(path))
    assert (record.training, record.changes) == (TrainingConfig(), ((1, session.config),))
    assert "Settings were changed while it trained" in restoring.open_and_wait(path)
    assert session.config == TrainingConfig()


class TestFiles:
    def test_beside_the_picture(self, session: Session, qtbot, restoring: Watched, picture_of, tmp_path: Path) -> None:
        load(session, qtbot, written(tmp_path / "판매 2026.csv"))
        with qtbot.waitSignal(session.data_changed):
            session.choose_target("other")
        path = picture_of()
        assert str(tmp_path) not in read_setup(path)  # a picture goes to strangers
        load(session, qtbot, "iris")
        assert "Set up as in the picture: 판매 2026.csv" in restoring.open_and_wait(path)
        assert (session.loaded.key, session.loaded.dataset.target_name) == (None, "other")

    def test_where_data_were_opened_last(
        self, session: Session, qtbot, restoring: Watched, picture_of, tmp_path: Path, settings_file: Path
    ) -> None:
        folder = tmp_path / "data"
        folder.mkdir()
        load(session, qtbot, written(folder / "a.csv"))
        path = picture_of()
        load(session, qtbot, "iris")
        text = restoring.open_and_wait(path)
        assert "made with the file “a.csv”" in text
        assert str(tmp_path) in text
        assert session.loaded.key == "iris"
        Settings(settings_file).save_folder("data_folder", folder)
        again = Watched(session, Settings(settings_file))
        assert "Set up as in the picture: a.csv" in again.open_and_wait(path)

    def test_what_is_open_needs_no_file(
        self, session: Session, qtbot, restoring: Watched, picture_of, tmp_path: Path
    ) -> None:
        file = written(tmp_path / "a.csv")
        load(session, qtbot, file)
        path = picture_of()
        session.set_config(OTHER)
        file.unlink()
        assert "Set up as in the picture: a.csv" in restoring.open_and_wait(path)
        assert session.config == TrainingConfig()

    def test_data_that_differ_are_said(
        self, session: Session, qtbot, restoring: Watched, picture_of, tmp_path: Path
    ) -> None:
        file = written(tmp_path / "a.csv")
        load(session, qtbot, file)
        path = picture_of()
        written(file, "9,9,a,u\n")
        load(session, qtbot, "iris")
        text = restoring.open_and_wait(path)
        assert text.startswith("The data differ from those of the picture: a.csv has changed since.")
        assert session.loaded.dataset.name == "a.csv"

    def test_a_target_that_is_gone_changes_nothing(
        self, session: Session, qtbot, restoring: Watched, picture_of, tmp_path: Path
    ) -> None:
        file = written(tmp_path / "a.csv")
        load(session, qtbot, file)
        with qtbot.waitSignal(session.data_changed):
            session.choose_target("kind")
        session.set_config(OTHER)
        path = picture_of()
        file.write_text("x,y,sort\n" + "1,2,a\n3,4,b\n" * 5)
        load(session, qtbot, "iris")
        session.set_config(TrainingConfig())
        before = session.loaded
        assert "a.csv has no column kind" in restoring.open_and_wait(path)
        assert session.loaded is before
        assert (session.config, session.preparation) == (TrainingConfig(), before.data.config)


class TestPicturesThatCannot:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.png", b"nothing", "a.png: It is no picture that this program knows"),
            ("a.svg", SVG, "a.svg: It carries no set-up of a run."),
            ("a.svg", svg_with(SVG, PictureText("", '{"a": 1}')), "It is not a softmax-lab set-up."),
        ],
    )
    def test_it_is_said_and_nothing_changes(
        self, iris_session: Session, restoring: Watched, tmp_path: Path, name: str, content: bytes, message: str
    ) -> None:
        before = iris_session.loaded
        (tmp_path / name).write_bytes(content)
        text = restoring.open_and_wait(tmp_path / name)
        assert text.startswith("The picture cannot set up a run. ")
        assert message in text
        assert iris_session.loaded is before

    def test_without_data_the_preparation_stays(self, session: Session, restoring: Watched, tmp_path: Path) -> None:
        record = SetupRecord(
            name="Iris",
            key="iris",
            generator=None,
            target="sort",
            fingerprint="0" * 64,
            preparation=HALVED,
            training=OTHER,
        )
        path = tmp_path / "a.svg"
        path.write_bytes(svg_with(SVG, PictureText("", to_json(record))))
        assert "has no column sort" in restoring.open_and_wait(path)
        assert (session.loaded, session.preparation, session.config) == (None, PreparationConfig(), TrainingConfig())

    def test_what_is_unknown_is_named(self, session: Session, qtbot, restoring: Watched, picture_of) -> None:
        load(session, qtbot, "iris")
        path = picture_of("svg")
        path.write_text(path.read_text(encoding="utf-8").replace('"l2":', '"l3":7,"l2":'), encoding="utf-8")
        assert "Unknown to this version and left out: training.l3." in restoring.open_and_wait(path)

    def test_other_data_chosen_meanwhile_win(self, session: Session, qtbot, restoring: Watched, picture_of) -> None:
        load(session, qtbot, "iris")
        record = from_json(read_setup(picture_of()))
        session.set_config(OTHER)
        restoring.restore_setup(record)
        load(session, qtbot, "wine")
        assert session.loaded.key == "wine"
        assert session.config == OTHER
        assert restoring.said == []


def test_the_forms_show_what_was_restored(own_window: MainWindow, session: Session, qtbot, restoring: Watched) -> None:
    session.set_config(OTHER)
    record = from_json(read_setup_of(own_window))
    session.set_config(TrainingConfig())
    type_over(find(own_window, "learning_rate"), "fast")
    restoring.restore_setup(record)
    qtbot.waitUntil(lambda: session.config == OTHER)
    assert find(own_window, "optimizer", QComboBox).currentData() == "adam"
    session.step()  # what could not be used there no longer holds the training
    qtbot.waitUntil(lambda: session.history is not None and session.history.latest is not None)


def read_setup_of(window: MainWindow) -> str:
    from engine.runs.picture_metadata import setup_in

    return setup_in(render(window.plots[0], find_format("png_1x")))
