"""How a picture is to look: its size, its colours, its letters; knows nothing of Qt, for the command line reads it too.

A logical pixel is 1/96 inch everywhere here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import SettingError
from engine.specs import ChoiceSpec, RealSpec, Spec, SwitchSpec
from engine.suggestions import did_you_mean

LOGICAL_DPI = 96.0
CM_PER_INCH = 2.54
SMALLEST, LARGEST = 140.0, 6000.0  # logical pixels a side: 3.7 cm and 159 cm
MOST_PIXELS = 1 << 27

IMAGE_THEME = ChoiceSpec(
    key="image_theme",
    label="Picture colours",
    help="Dark text on white, light text on dark, or dark text on no background at all.",
    default="light",
    choices=(("light", "Light"), ("dark", "Dark"), ("transparent", "Transparent background")),
)
IMAGE_FONT_SIZE = RealSpec(
    key="image_font_size",
    label="Picture font size",
    help="Size of the letters in points, 1/72 inch each.",
    default=9.0,
    low=4.0,
    high=48.0,
    unit="pt",
)
IMAGE_LEGEND = SwitchSpec(
    key="image_legend", label="Legend in the picture", help="Name lines and markers above the plot.", default=True
)
OPTION_SPECS: tuple[Spec, ...] = (IMAGE_THEME, IMAGE_FONT_SIZE, IMAGE_LEGEND)
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*[x×*]\s*(\d+(?:[.,]\d+)?)\s*(cm|px|)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PictureSize:
    """Width and height, in centimetres or in pixels of the finished picture.

    A vector picture has no pixels; there one is 1/96 inch.
    """

    width: float
    height: float
    unit: Literal["cm", "px"]

    def logical(self, scale: float) -> tuple[float, float]:
        """Width and height in logical pixels, where one is ``scale`` pixels of the finished picture wide.

        Raises SettingError where that is too small or too large for a plot, or makes too many pixels.
        """
        factor = LOGICAL_DPI / CM_PER_INCH if self.unit == "cm" else 1.0 / scale
        width, height = self.width * factor, self.height * factor
        if min(width, height) < SMALLEST:
            raise _unfit(self, f"is too small for a plot: each side takes {SMALLEST / factor:.3g} {self.unit} or more")
        if max(width, height) > LARGEST:
            raise _unfit(self, f"is too large: no side can be longer than {LARGEST / factor:.5g} {self.unit}")
        check_pixels(width, height, scale)
        return width, height

    def __str__(self) -> str:
        return f"{self.width:g} x {self.height:g} {self.unit}"


def parse_size(text: str) -> PictureSize:
    """Read "8.5x6cm" or "1200x800"; raises SettingError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise SettingError("image_size", f"The picture size must be like 8.5x6cm or 1200x800, not “{text.strip()}”.")
    width, height = (float(number.replace(",", ".")) for number in found.group(1, 2))
    unit: Literal["cm", "px"] = "cm" if found[3].lower() == "cm" else "px"
    return PictureSize(width, height, unit)


def check_pixels(width: float, height: float, scale: float) -> None:
    """Raise SettingError where so many logical pixels, ``scale`` pixels wide each, take too much memory."""
    pixels = width * height * scale**2
    if pixels > MOST_PIXELS:
        raise SettingError(
            "image_size",
            f"The picture would have {pixels / 1e6:,.0f} million pixels; at most {MOST_PIXELS // 10**6} million are "
            "drawn. Choose a smaller size or fewer dots per inch.",
        )


def _unfit(size: PictureSize, why: str) -> SettingError:
    return SettingError("image_size", f"A picture of {size} {why}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOptions:
    """How a picture is to look; None stands for as on the screen. Raises SettingError where a value is refused."""

    size: PictureSize | None = None
    theme: str = IMAGE_THEME.default
    font_size: float | None = None
    legend: bool = True

    def __post_init__(self) -> None:
        IMAGE_THEME.check(self.theme)
        IMAGE_LEGEND.check(self.legend)
        if self.font_size is not None:
            object.__setattr__(self, "font_size", IMAGE_FONT_SIZE.check(self.font_size))


AS_SHOWN = PictureOptions()


@dataclass(frozen=True, slots=True)
class Preset:
    """Options that go together, and the format that suits them; ``png`` is the one to take where PNG is asked for."""

    key: str
    options: PictureOptions
    png: str


# 25.4 cm x 14.29 cm is the usual slide; at two pixels to a logical one it has 1920 x 1080.
PRESETS: tuple[Preset, ...] = (
    Preset("slide", PictureOptions(size=PictureSize(25.4, 14.29, "cm"), font_size=14.0), "png_2x"),
    Preset("paper", PictureOptions(size=PictureSize(8.5, 6.0, "cm"), font_size=8.0), "png_300dpi"),
)


def find_preset(key: str) -> Preset:
    """Return the preset of that key; raises SettingError, with the nearest one, where there is none."""
    for preset in PRESETS:
        if preset.key == key:
            return preset
    keys = [preset.key for preset in PRESETS]
    raise SettingError(
        "image_preset", f"There is no picture preset “{key}”; there are {' and '.join(keys)}.{did_you_mean(key, keys)}"
    )
