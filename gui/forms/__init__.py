"""Forms made from specs: one field a setting, with its label, tooltip, check and message in place."""

from gui.forms.form import SpecForm
from gui.forms.sections import FormSections

__all__ = ["FormSections", "SpecForm"]
