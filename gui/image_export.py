"""Plots as picture files.

Every plot paints itself (gui/plots/picture.py); here are the devices it can be painted on. The same plot in the same
state gives the same bytes, and each picture carries the set-up of its run (engine/runs/picture_metadata.py).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, QUuid
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from engine.export.whole_file import write_whole
from engine.runs.picture_metadata import (
    NAMESPACE,
    SOFTWARE,
    PictureText,
    pdf_without_dates,
    png_with,
    svg_with,
    xmp_packet,
)
from gui.pictures.formats import FORMATS, ImageFormat, find_format
from gui.pictures.options import AS_SHOWN, LOGICAL_DPI, PictureOptions, check_pixels
from gui.pictures.painting import Shot
from gui.pictures.setup import text_for
from gui.plots.base import Plot
from gui.plots.picture import PlotPicture, picture_of, picture_size

__all__ = [
    "FORMATS",
    "ImageFormat",
    "Taken",
    "draw",
    "encode_png",
    "export_all",
    "find_format",
    "paint",
    "pixels_of",
    "propose_name",
    "render",
    "run_name",
    "shot_of",
    "take",
]

PNG_COMPRESSION = 40  # of 100: in half of the usual time, an eighth larger
_METRES_PER_INCH = 0.0254
_SVG_SIZE = re.compile(rb'width="[^"]*" height="[^"]*"')


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture as it was painted, on the GUI thread; ``encode`` may run on any."""

    content: QImage | bytes
    text: PictureText

    def encode(self) -> bytes:
        """The bytes of the file."""
        if isinstance(self.content, QImage):
            return png_with(encode_png(self.content), self.text)
        return self.content


def take(plot: Plot, image_format: ImageFormat, options: PictureOptions = AS_SHOWN) -> Taken:
    """Paint the picture of ``plot``; raises SettingError where the size does not fit."""
    text = text_for(plot)
    match image_format.suffix:
        case "svg":
            return Taken(_svg(plot, options, text), text)
        case "pdf":
            return Taken(_pdf(plot, options, text), text)
        case _:
            return Taken(paint(plot, image_format.scale, options), text)


def shot_of(plot: Plot, image_format: ImageFormat, options: PictureOptions = AS_SHOWN) -> Shot[Taken]:
    """The picture of ``plot`` for a Painting."""

    def prepare() -> None:
        if not plot.is_seen:  # what nobody sees is not kept up to date
            plot.redraw()

    return Shot(prepare, lambda: take(plot, image_format, options))


def render(plot: Plot, image_format: ImageFormat, options: PictureOptions = AS_SHOWN) -> bytes:
    """The bytes of a picture file of ``plot``; raises SettingError where the size does not fit."""
    return take(plot, image_format, options).encode()


def pixels_of(plot: Plot, image_format: ImageFormat, options: PictureOptions = AS_SHOWN) -> QSize:
    """How many pixels the picture will have, 1/96 inch each where it has none; SettingError where it cannot be."""
    size = picture_size(plot, options, image_format.scale)
    check_pixels(size.width(), size.height(), image_format.scale)
    return _pixels(size, image_format.scale)


def paint(plot: Plot, scale: float, options: PictureOptions = AS_SHOWN) -> QImage:
    """The plot as an image of ``scale`` pixels to a logical pixel, with its resolution written in."""
    # Cosmetic pens take no notice of the pixel ratio, so they are widened by it.
    with picture_of(plot, options, scale) as picture:
        return draw(picture, scale)


def draw(picture: PlotPicture, scale: float) -> QImage:
    """A picture that is laid out as an image of ``scale`` pixels to a logical pixel."""
    size = picture.size
    check_pixels(size.width(), size.height(), scale)
    image = QImage(_pixels(size, scale), _pixel_format(picture))
    image.setDevicePixelRatio(scale)
    image.fill(0)
    painter = QPainter(image)
    picture.paint(painter)
    painter.end()
    # Not before: fonts are sized in points, and would grow with the resolution as well as with the pixel ratio.
    image.setDotsPerMeterX(round(LOGICAL_DPI * scale / _METRES_PER_INCH))
    image.setDotsPerMeterY(round(LOGICAL_DPI * scale / _METRES_PER_INCH))
    return image


def encode_png(image: QImage) -> bytes:
    """PNG bytes of ``image``; safe on any thread."""
    buffer = _opened_buffer()
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setCompression(PNG_COMPRESSION)
    writer.write(image)
    return bytes(buffer.data().data())


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


def _pixels(size: QSizeF, scale: float) -> QSize:
    return QSize(round(size.width() * scale), round(size.height() * scale))


def _pixel_format(picture: PlotPicture) -> QImage.Format:
    return QImage.Format.Format_ARGB32_Premultiplied if picture.transparent else QImage.Format.Format_RGB32


def _svg(plot: Plot, options: PictureOptions, text: PictureText) -> bytes:
    buffer = _opened_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(round(LOGICAL_DPI))
    generator.setTitle(text.title)
    with picture_of(plot, options) as picture:
        size = picture.size
        generator.setSize(size.toSize())
        generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
        painter = QPainter(generator)
        picture.paint(painter)
        painter.end()
    svg = _SVG_SIZE.sub(_in_millimetres(size), bytes(buffer.data().data()), count=1)
    return svg_with(svg, text)


def _in_millimetres(size: QSizeF) -> bytes:
    """The size as attributes of an SVG; Qt writes that of whole pixels."""
    width, height = (side / LOGICAL_DPI * 25.4 for side in (size.width(), size.height()))
    return f'width="{width:.6g}mm" height="{height:.6g}mm"'.encode()


def _pdf(plot: Plot, options: PictureOptions, text: PictureText) -> bytes:
    buffer = _opened_buffer()
    writer = QPdfWriter(buffer)
    # At its own 1200 dpi tick labels, measured for the screen, would come out giant.
    writer.setResolution(round(LOGICAL_DPI))
    writer.setTitle(text.title)
    writer.setCreator(SOFTWARE)
    packet = xmp_packet(text)
    writer.setDocumentXmpMetadata(QByteArray(packet))
    # Qt would draw it at random, and the same picture would never have the same bytes.
    writer.setDocumentId(QUuid(str(uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE + packet.decode()))))
    with picture_of(plot, options) as picture:
        points = picture.size * (72.0 / LOGICAL_DPI)
        writer.setPageSize(QPageSize(points, QPageSize.Unit.Point))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        painter = QPainter(writer)
        picture.paint(painter)
        painter.end()
    return pdf_without_dates(bytes(buffer.data().data()))


def _opened_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
