"""Plots as picture files.

Every plot paints itself on white paper; here are the devices it can be painted on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from engine.export.whole_file import write_whole
from gui.plots.base import Plot

LOGICAL_DPI = 96.0


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """A kind of picture: its key, its suffix and, for pixels, how many there are to a logical pixel."""

    key: str
    suffix: str
    scale: float = 1.0


FORMATS: tuple[ImageFormat, ...] = (
    ImageFormat("png_1x", "png", 1.0),
    ImageFormat("png_2x", "png", 2.0),
    ImageFormat("png_300dpi", "png", 300.0 / LOGICAL_DPI),
    ImageFormat("svg", "svg"),
    ImageFormat("pdf", "pdf"),
)


def find_format(key: str) -> ImageFormat:
    """The format of that key."""
    return next(one for one in FORMATS if one.key == key)


def paint(plot: Plot, scale: float) -> QImage:
    """The plot as an image of ``scale`` pixels to a logical pixel, with its resolution written in."""
    size = plot.image_size()
    pixels = QSize(round(size.width() * scale), round(size.height() * scale))
    image = QImage(pixels, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    # Cosmetic pens take no notice of the pixel ratio, so they are widened by it.
    plot.paint_image(painter, line_scale=scale)
    painter.end()
    # Not before: fonts are sized in points, and would grow with the resolution as well as with the pixel ratio.
    image.setDotsPerMeterX(round(LOGICAL_DPI * scale / 0.0254))
    image.setDotsPerMeterY(round(LOGICAL_DPI * scale / 0.0254))
    return image


def encode_png(image: QImage) -> bytes:
    """PNG bytes of ``image``; safe on any thread."""
    buffer = _opened_buffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def render(plot: Plot, image_format: ImageFormat) -> bytes:
    """The bytes of a picture file of ``plot``."""
    match image_format.suffix:
        case "svg":
            return _render_svg(plot)
        case "pdf":
            return _render_pdf(plot)
        case _:
            return encode_png(paint(plot, image_format.scale))


def propose_name(plot: Plot, when: datetime) -> str:
    """A file name, without suffix, from data set, plot and time: ``iris-cost-20261122-104500``."""
    loaded = plot.session.loaded
    return run_name(f"{loaded.dataset.name if loaded else ''}-{plot.key}", when)


def run_name(subject: str, when: datetime) -> str:
    """A name for files: ``iris-20261122-104500``."""
    words = re.sub(r"[\W_]+", "-", subject.lower()).strip("-")[:80]
    return f"{words}-{when:%Y%m%d-%H%M%S}"


def export_all(plots: Iterable[Plot], folder: Path, image_format: ImageFormat, when: datetime) -> list[Path]:
    """Write a picture of every plot into ``folder`` and return their paths; raises OSError."""
    paths = []
    for plot in plots:
        path = folder / f"{propose_name(plot, when)}.{image_format.suffix}"
        write_whole(path, render(plot, image_format))
        paths.append(path)
    return paths


def _render_svg(plot: Plot) -> bytes:
    size = plot.image_size()
    buffer = _opened_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(round(LOGICAL_DPI))
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(plot.title)
    painter = QPainter(generator)
    plot.paint_image(painter)
    painter.end()
    return bytes(buffer.data().data())


def _render_pdf(plot: Plot) -> bytes:
    size = plot.image_size()
    buffer = _opened_buffer()
    writer = QPdfWriter(buffer)
    # At its own 1200 dpi tick labels, measured for the screen, would come out giant.
    writer.setResolution(round(LOGICAL_DPI))
    points = QSizeF(size.width() * 72.0 / LOGICAL_DPI, size.height() * 72.0 / LOGICAL_DPI)
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle(plot.title)
    writer.setCreator("Softmax Lab")
    painter = QPainter(writer)
    plot.paint_image(painter)
    painter.end()
    return bytes(buffer.data().data())


def _opened_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
