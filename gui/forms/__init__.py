"""Forms made from specs: one field a setting, with its label, tooltip, check and message in place."""

from gui.forms.form import SpecForm

__all__ = ["SpecForm"]
