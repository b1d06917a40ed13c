from importlib import resources

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage

from gui.icons import application_icon, icon

NAMES = sorted(
    entry.name.removesuffix(".svg")
    for entry in resources.files("assets").joinpath("icons").iterdir()
    if entry.name.endswith(".svg") and entry.name != "softmax-lab.svg"
)


def ink(image: QImage) -> set[tuple[int, int, int]]:
    """The colours of all opaque pixels."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(-1, 4)
    return {tuple(int(v) for v in pixel[:3]) for pixel in raw[raw[:, 3] == 255]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [16, 24, 48])
def test_every_icon_is_drawn_in_the_colours_asked_for(qapp, name: str, size: int) -> None:
    drawn = icon(name, "#ff0000", "#0000ff")
    for mode, colour in ((QIcon.Mode.Normal, (255, 0, 0)), (QIcon.Mode.Disabled, (0, 0, 255))):
        pixmap = drawn.pixmap(QSize(size, size), 1.0, mode)
        assert pixmap.size() == QSize(size, size)
        assert ink(pixmap.toImage()) == {colour}


def test_icons_leave_their_ground_transparent(qapp) -> None:
    image = icon(NAMES[0], "#ff0000", "#0000ff").pixmap(32, 32).toImage()
    assert image.pixelColor(0, 0).alpha() == 0


def test_application_icon_has_its_own_colours_at_every_size(qapp) -> None:
    for size in (16, 32, 256):
        image = application_icon().pixmap(QSize(size, size), 1.0).toImage()
        assert image.width() == size
        assert len(ink(image)) >= 2


def test_no_such_icon(qapp) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no such icon", QColor("red").name(), "#000")
