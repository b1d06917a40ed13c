"""Numbers as text: few digits in a table, all of them under the pointer, with true minus signs."""

from __future__ import annotations

import math


def format_exp(z: float) -> str:
    """e^z with four significant digits, also where it is far beyond the largest float."""
    if not math.isfinite(z):
        return {math.inf: "∞", -math.inf: "0"}.get(z, "–")
    if abs(z) < 9.0:
        return short(math.exp(z))
    if abs(z) >= 1e9:  # a double no longer knows the digits, and the power of ten would have a dozen
        return f"e^{z:.4g}".replace("-", "−")
    exponent = math.floor(z / math.log(10.0))
    mantissa = 10.0 ** (z / math.log(10.0) - exponent)
    if f"{mantissa:.3f}" == "10.000":
        mantissa, exponent = 1.0, exponent + 1
    return f"{mantissa:.3f}e{exponent:+d}".replace("-", "−")


def short(value: float) -> str:
    """Four significant digits, with a true minus sign in the exponent; what is no number is a dash."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "–")
    return f"{value:.4g}".replace("e-0", "e−").replace("e-", "e−").replace("-", "−")


def fixed(value: float) -> str:
    """Four decimals; what is no number is a dash."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.4f}".replace("-", "−") if abs(value) < 1e5 else f"{value:.3e}".replace("-", "−")


def exact(value: float) -> str:
    """All digits that tell a float64 from its neighbours."""
    return "–" if math.isnan(value) else repr(float(value)).replace("-", "−").replace("inf", "∞")


def elided(name: str, most: int = 40) -> str:
    """A name of at most ``most`` characters, for use in a sentence."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
