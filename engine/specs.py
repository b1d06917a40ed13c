"""What a setting is: one spec makes its form field, its command-line option, its check and its record.

A spec never holds a value; it knows which values are allowed and how to say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, TypeAlias

from engine.errors import SettingError
from engine.suggestions import did_you_mean

Applies: TypeAlias = Callable[[Any], bool]
"""Whether a setting matters beside the others of the settings it belongs to."""


def always(settings: object) -> bool:
    """Return True."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RealSpec:
    """A real number in [low, high], or (low, high] where ``low_open``."""

    key: str
    label: str
    help: str
    default: float
    low: float
    high: float
    low_open: bool = False
    scale: Literal["linear", "log"] = "linear"
    unit: str = ""
    live: bool = False
    applies: Applies = always

    @property
    def range_text(self) -> str:
        """The allowed range in words: "greater than 0 and at most 1000"."""
        lower = f"greater than {_plain(self.low)}" if self.low_open else f"at least {_plain(self.low)}"
        return f"{lower} and at most {_plain(self.high)}"

    def check(self, value: Any) -> float:
        """Return ``value`` as a float; raise SettingError where it is no number or out of range."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise SettingError(self.key, f"{self.label} must be a number, not {value!r}.")
        too_low = value <= self.low if self.low_open else value < self.low
        if too_low or not value <= self.high:  # so written, this refuses NaN
            shown = value if isinstance(value, Integral) else self.format(float(value))
            raise SettingError(self.key, f"{self.label} must be {self.range_text}, not {shown}.")
        return float(value)

    def parse(self, text: str) -> float:
        """Read what a user typed; raise SettingError as ``check`` does."""
        try:
            number = float(text.strip())
        except ValueError:
            raise SettingError(self.key, f"{self.label} must be a number, not “{text.strip()}”.") from None
        return self.check(number)

    def format(self, value: float) -> str:
        """Write ``value`` as ``parse`` reads it, without loss."""
        return f"{value:.17g}" if float(f"{value:g}") != value else f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerSpec:
    """A whole number in [low, high]; ``zero_label`` names what 0 stands for, where it is special."""

    key: str
    label: str
    help: str
    default: int
    low: int
    high: int
    scale: Literal["linear", "log"] = "linear"
    unit: str = ""
    zero_label: str = ""
    live: bool = False
    applies: Applies = always

    @property
    def range_text(self) -> str:
        """The allowed range in words: "a whole number from 1 to 100"."""
        low = max(self.low, 1) if self.zero_label else self.low
        text = f"a whole number from {low:,} to {self.high:,}"
        return f"{text}, or “{self.zero_label}”" if self.zero_label else text

    def check(self, value: Any) -> int:
        """Return ``value`` as an int; raise SettingError where it is no whole number or out of range."""
        whole = isinstance(value, Integral) or (isinstance(value, Real) and float(value).is_integer())
        if isinstance(value, bool) or not whole or not self.low <= value <= self.high:
            raise SettingError(self.key, f"{self.label} must be {self.range_text}, not {value!r}.")
        return int(value)

    def parse(self, text: str) -> int:
        """Read what a user typed; raise SettingError as ``check`` does."""
        text = text.strip()
        if self.zero_label and text.lower() in (self.zero_label.lower(), self.zero_label.lower().split()[0]):
            return 0
        try:
            number = int(text)
        except ValueError:
            raise SettingError(self.key, f"{self.label} must be {self.range_text}, not “{text}”.") from None
        return self.check(number)

    def format(self, value: int) -> str:
        """Write ``value`` as ``parse`` reads it."""
        return self.zero_label if self.zero_label and value == 0 else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSpec:
    """One of a few named choices; ``choices`` maps the recorded key to the label a user reads."""

    key: str
    label: str
    help: str
    default: str
    choices: tuple[tuple[str, str], ...]
    live: bool = False
    applies: Applies = always

    @property
    def range_text(self) -> str:
        """The choices in words: "one of tanh, relu, sigmoid"."""
        return "one of " + ", ".join(key for key, _ in self.choices)

    def check(self, value: Any) -> str:
        """Return ``value``; raise SettingError, with the nearest choice, where it is none of them."""
        keys = [key for key, _ in self.choices]
        if value in keys:
            return str(value)
        hint = did_you_mean(str(value), keys)
        raise SettingError(self.key, f"{self.label} must be {self.range_text}, not {value!r}.{hint}")

    def parse(self, text: str) -> str:
        """Read what a user typed; raise SettingError as ``check`` does."""
        return self.check(text.strip().lower().replace("-", "_").replace(" ", "_"))

    def format(self, value: str) -> str:
        """Write ``value`` as ``parse`` reads it."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSpec:
    """Something that is on or off."""

    key: str
    label: str
    help: str
    default: bool
    live: bool = False
    applies: Applies = always

    range_text = "yes or no"

    def check(self, value: Any) -> bool:
        """Return ``value``; raise SettingError where it is neither True nor False."""
        if not isinstance(value, bool):
            raise SettingError(self.key, f"{self.label} must be yes or no, not {value!r}.")
        return value

    def parse(self, text: str) -> bool:
        """Read what a user typed; raise SettingError as ``check`` does."""
        word = text.strip().lower()
        if word in ("yes", "on", "true", "1"):
            return True
        if word in ("no", "off", "false", "0"):
            return False
        raise SettingError(self.key, f"{self.label} must be yes or no, not “{text.strip()}”.")

    def format(self, value: bool) -> str:
        """Write ``value`` as ``parse`` reads it."""
        return "yes" if value else "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpec:
    """Several numbers, each within ``item``; ``empty_label`` names what no number at all stands for."""

    key: str
    label: str
    help: str
    item: IntegerSpec | RealSpec
    most: int
    empty_label: str
    default: tuple[float, ...] = ()
    unit: str = ""
    live: bool = False
    applies: Applies = always

    @property
    def range_text(self) -> str:
        """What is allowed in words: "up to 4 numbers, each a whole number from 1 to 1,024, or “none”"."""
        return f"up to {self.most:,} numbers, each {self.item.range_text}, or “{self.empty_label}”"

    def check(self, value: Any) -> tuple[float, ...]:
        """Return ``value`` as a tuple; raise SettingError where it is too long or a number is refused."""
        if not isinstance(value, (tuple, list)):
            raise SettingError(self.key, f"{self.label} must be {self.range_text}, not {value!r}.")
        if len(value) > self.most:
            raise SettingError(self.key, f"{self.label} must be {self.range_text}, not {len(value):,} numbers.")
        return tuple(self._checked(self.item.check, number) for number in value)

    def parse(self, text: str) -> tuple[float, ...]:
        """Read what a user typed, numbers parted by commas or spaces; raise SettingError as ``check`` does."""
        if text.strip().lower() in ("", self.empty_label.lower()):
            return ()
        return self.check([self._checked(self.item.parse, word) for word in text.replace(",", " ").split()])

    def format(self, value: tuple[float, ...]) -> str:
        """Write ``value`` as ``parse`` reads it."""
        format_item: Callable[[Any], str] = self.item.format
        return ", ".join(map(format_item, value)) or self.empty_label

    def _checked(self, check: Callable[[Any], float], value: Any) -> float:
        try:
            return check(value)
        except SettingError as error:
            raise SettingError(self.key, str(error)) from None


Spec = RealSpec | IntegerSpec | ChoiceSpec | SwitchSpec | ListSpec
SettingValue = float | int | str | bool | tuple[float, ...]


def _plain(value: float) -> str:
    """A limit as a user writes it: 1,000,000 and not 1e+06."""
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


def check_all(specs: tuple[Spec, ...], settings: object) -> None:
    """Check every attribute of frozen ``settings`` by the spec of its name, and store it as the spec's type."""
    for spec in specs:
        object.__setattr__(settings, spec.key, spec.check(getattr(settings, spec.key)))
