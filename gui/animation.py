"""The training as an animated picture of one plot: a frame for each of its moments, or for evenly spread ones."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from engine.errors import SettingError
from engine.progress import Moment
from engine.runs.picture_metadata import PictureText, xmp_packet
from gui.image_export import ImageFormat, paint, pixels_of
from gui.pictures.options import PictureOptions
from gui.pictures.painting import Painting, Shot
from gui.plots.base import Plot

if TYPE_CHECKING:
    from PIL import Image

MOST_FRAMES, FEWEST_FRAMES = 120, 2
MOST_PIXELS = 1 << 26  # in all frames together: 200 MB
_FRAME_MS, _LAST_FRAME_MS = 80, 2000
_COLOURS_FROM = 4  # frames that the colours of a GIF are taken from
_MOST_COLOURS = 256


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """The animation is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What was painted: three bytes for each pixel."""

    width: int
    height: int
    pixels: bytes


def film(
    plot: Plot,
    image_format: ImageFormat,
    options: PictureOptions,
    done: Callable[[list[Frame]], None],
    failed: Callable[[Exception], None],
    parent: QObject,
) -> Painting[Frame]:
    """Paint ``plot`` at the moments of its training, one a turn of the event loop; then the chosen moment is as before.

    Raises SettingError where there is no training to show, or the picture is too large.
    """
    view = plot.session
    options = replace(options, theme="light") if options.theme == "transparent" else options
    before = view.moment
    size = pixels_of(plot, image_format, options)
    moments = moments_to_show(view.history.moments if view.history else (), size.width() * size.height())

    def shot(moment: Moment) -> Shot[Frame]:
        def prepare() -> None:
            view.choose_moment(moment)
            plot.redraw()  # in case nobody sees it

        return Shot(prepare, lambda: _frame(plot, image_format, options))

    return Painting(view, [*map(shot, moments)], done, failed, parent, finally_do=lambda: view.choose_moment(before))


def moments_to_show(moments: tuple[Moment, ...], pixels: int) -> list[Moment]:
    """As many of ``moments``, evenly spread, as frames of so many pixels may be; the first and the last are there."""
    if len(moments) < FEWEST_FRAMES:
        raise SettingError("image_format", "There is nothing to animate before the training has made a step.")
    most = min(MOST_FRAMES, MOST_PIXELS // max(pixels, 1))
    if most < FEWEST_FRAMES:
        raise SettingError("image_size", "The picture is too large for an animation. Choose a smaller size.")
    chosen = np.unique(np.linspace(0, len(moments) - 1, min(most, len(moments))).round().astype(int))
    return [moments[index] for index in chosen.tolist()]


def encode_animation(
    frames: list[Frame], image_format: ImageFormat, text: PictureText, cancelled: threading.Event
) -> bytes:
    """The bytes of a GIF or WebP that shows ``frames`` again and again; safe on any thread.

    Raises Cancelled soon after ``cancelled`` is set.
    """
    from PIL import Image  # here, because it takes a while that a start need not wait for

    images = [Image.frombytes("RGB", (frame.width, frame.height), frame.pixels) for frame in frames]
    timing = [_FRAME_MS] * (len(images) - 1) + [_LAST_FRAME_MS]
    how: dict[str, Any] = {"lossless": True, "quality": 20, "method": 2, "xmp": xmp_packet(text)}
    if image_format.suffix == "gif":
        palette = _common_palette(images)
        for number, image in enumerate(images):
            _stop_if(cancelled)
            images[number] = image.quantize(palette=palette, dither=Image.Dither.NONE)
        how = {"optimize": False}
    _stop_if(cancelled)
    buffer = io.BytesIO()
    first, *rest = images
    first.save(buffer, image_format.suffix, save_all=True, append_images=rest, duration=timing, loop=0, **how)
    _stop_if(cancelled)
    return buffer.getvalue()


def _frame(plot: Plot, image_format: ImageFormat, options: PictureOptions) -> Frame:
    image = paint(plot, image_format.scale, options).convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return Frame(image.width(), image.height(), lines[:, : 3 * image.width()].tobytes())


def _common_palette(images: list[Image.Image]) -> Image.Image:
    """The colours of a few frames together: with colours of its own each frame would flicker."""
    from PIL import Image

    chosen = [images[index] for index in np.linspace(0, len(images) - 1, _COLOURS_FROM).round().astype(int).tolist()]
    width, height = chosen[0].size
    together = Image.new("RGB", (width, height * len(chosen)))
    for number, image in enumerate(chosen):
        together.paste(image, (0, number * height))
    found = together.quantize(_MOST_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    # The ground is the mean of colours near it; a picture on white should be on white.
    place, colours = int(found.getpixel((0, 0))), list(found.getpalette() or ())  # type: ignore[arg-type]
    colours[3 * place : 3 * place + 3] = together.getpixel((0, 0))  # type: ignore[assignment]
    found.putpalette(colours)
    return found


def _stop_if(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise Cancelled
