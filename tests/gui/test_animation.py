from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from driving import wait_until
from PIL import Image
from PySide6.QtCore import QObject

from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from engine.progress import Moment
from engine.runs.picture_metadata import PictureText, setup_in
from gui.animation import MOST_FRAMES, Cancelled, Frame, encode_animation, film, moments_to_show
from gui.image_export import ImageFormat
from gui.pictures.formats import ANIMATIONS
from gui.pictures.options import PictureOptions, PictureSize
from gui.plots.decision_regions import DecisionRegionsPlot
from gui.session import Session

SMALL = PictureOptions(size=PictureSize(200, 160, "px"))
TEXT = PictureText("Cost – Iris", '{"a":1}')


@pytest.fixture
def trained(iris_session: Session) -> Session:
    iris_session.set_config(TrainingConfig(epochs=6, batch_size=0))
    iris_session.train()
    wait_until(lambda: iris_session.stop_reason is not None)
    return iris_session


@pytest.fixture
def plot(trained: Session, qtbot) -> DecisionRegionsPlot:
    plot = DecisionRegionsPlot(trained)
    qtbot.addWidget(plot)
    return plot


def filmed(plot: DecisionRegionsPlot, options: PictureOptions = SMALL) -> list[Frame]:
    parent, results = QObject(), []
    film(plot, ANIMATIONS[0], options, results.append, pytest.fail, parent)
    wait_until(lambda: bool(results))
    return results[0]


def moments(n: int) -> tuple[Moment, ...]:
    return tuple(Moment(step, 0, np.zeros(1)) for step in range(n))


class TestFilm:
    def test_a_frame_for_every_moment_and_then_all_as_before(self, plot: DecisionRegionsPlot, trained: Session) -> None:
        chosen = trained.history.moments[2]
        trained.choose_moment(chosen)
        frames = filmed(plot)
        assert trained.moment is chosen
        assert len(frames) == len(trained.history.moments)
        assert {(frame.width, frame.height) for frame in frames} == {(200, 160)}
        assert len({frame.pixels for frame in frames}) > len(frames) / 2  # it moves
        assert filmed(plot) == frames

    def test_cancelled_it_leaves_the_moment_as_it_was(self, plot: DecisionRegionsPlot, trained: Session, qtbot) -> None:
        painting = film(plot, ANIMATIONS[0], SMALL, pytest.fail, pytest.fail, plot)
        qtbot.waitUntil(lambda: trained.moment is not None)
        painting.cancel()
        assert trained.moment is None

    def test_nothing_shines_through(self, plot: DecisionRegionsPlot) -> None:
        assert filmed(plot, PictureOptions(size=SMALL.size, theme="transparent"))[0].pixels[:3] == b"\xff\xff\xff"

    def test_without_a_training_there_is_nothing_to_show(self, iris_session: Session, qtbot) -> None:
        plot = DecisionRegionsPlot(iris_session)
        qtbot.addWidget(plot)
        with pytest.raises(SettingError, match="nothing to animate"):
            film(plot, ANIMATIONS[0], SMALL, pytest.fail, pytest.fail, plot)


class TestMoments:
    @pytest.mark.parametrize("n", [2, 3, 119, 120, 121, 513])
    def test_evenly_spread_from_the_first_to_the_last(self, n: int) -> None:
        found = [moment.step for moment in moments_to_show(moments(n), 100)]
        assert len(found) == min(n, MOST_FRAMES)
        assert (found[0], found[-1]) == (0, n - 1)
        assert max(np.diff(found)) - min(np.diff(found)) <= 1

    def test_large_frames_are_few(self) -> None:
        assert len(moments_to_show(moments(400), 1 << 22)) == 16
        with pytest.raises(SettingError, match="too large for an animation"):
            moments_to_show(moments(400), 1 << 26)


class TestEncoding:
    FRAMES = tuple(
        Frame(4, 3, bytes([255] * 18 + [40 * n, 10, 200 - 40 * n] * 6)) for n in range(3)
    )  # white above, a colour that changes below

    @pytest.mark.parametrize("image_format", ANIMATIONS, ids=lambda one: one.key)
    def test_others_read_it(self, image_format: ImageFormat) -> None:
        data = encode_animation(list(self.FRAMES), image_format, TEXT, threading.Event())
        assert encode_animation(list(self.FRAMES), image_format, TEXT, threading.Event()) == data
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.n_frames, image.info["loop"]) == (image_format.suffix.upper(), 3, 0)
        for n, frame in enumerate(self.FRAMES):
            image.seek(n)
            found = np.asarray(image.convert("RGB"), dtype=int)
            expected = np.frombuffer(frame.pixels, dtype=np.uint8).reshape(3, 4, 3)
            assert np.abs(found - expected).max() <= 2
            assert (found[0] == 255).all()

    def test_a_webp_carries_the_set_up(self) -> None:
        data = encode_animation(list(self.FRAMES), ANIMATIONS[1], TEXT, threading.Event())
        assert setup_in(data) == TEXT.setup

    @pytest.mark.parametrize("image_format", ANIMATIONS, ids=lambda one: one.key)
    def test_cancelled(self, image_format: ImageFormat, tmp_path: Path) -> None:
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(Cancelled):
            encode_animation(list(self.FRAMES), image_format, TEXT, cancelled)
