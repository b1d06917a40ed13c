"""The kinds of picture files; knows nothing of Qt."""

from __future__ import annotations

from dataclasses import dataclass

from engine.specs import ChoiceSpec
from gui.pictures.options import AS_SHOWN, LOGICAL_DPI, PictureOptions


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """A kind of picture: its key, its suffix and, for pixels, how many there are to a logical pixel."""

    key: str
    suffix: str
    scale: float = 1.0

    @property
    def is_animated(self) -> bool:
        """Whether it shows the training from its start on."""
        return self.suffix in ("gif", "webp")


FORMATS: tuple[ImageFormat, ...] = (
    ImageFormat("png_1x", "png", 1.0),
    ImageFormat("png_2x", "png", 2.0),
    ImageFormat("png_300dpi", "png", 300.0 / LOGICAL_DPI),
    ImageFormat("png_600dpi", "png", 600.0 / LOGICAL_DPI),
    ImageFormat("svg", "svg"),
    ImageFormat("pdf", "pdf"),
)
ANIMATIONS: tuple[ImageFormat, ...] = (ImageFormat("gif", "gif"), ImageFormat("webp", "webp"))
USUAL_PNG = "png_2x"
IMAGE_FORMAT = ChoiceSpec(
    key="image_format",
    label="Picture format",
    help="PNG is made of pixels, twice as many as on the screen unless it says otherwise; SVG and PDF stay sharp at "
    "any size.",
    default="png",
    choices=(
        ("png", "PNG"),
        ("svg", "SVG"),
        ("pdf", "PDF"),
        ("png_1x", "PNG, as large as on the screen"),
        ("png_300dpi", "PNG, 300 dpi"),
        ("png_600dpi", "PNG, 600 dpi"),
    ),
)


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """Which pictures the command line is to leave; raises SettingError where the size does not fit the format."""

    format: ImageFormat = FORMATS[1]
    options: PictureOptions = AS_SHOWN

    def __post_init__(self) -> None:
        if self.options.size is not None:
            self.options.size.logical(self.format.scale)


def find_format(key: str) -> ImageFormat:
    """The format of that key."""
    return next(one for one in (*FORMATS, *ANIMATIONS) if one.key == key)
