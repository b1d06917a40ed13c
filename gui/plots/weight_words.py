"""What the plot of the weights says in words: names of its numbers, the read-out, and the sentences beneath."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from gui.plots.weight_table import Labels, Place, one_line
from gui.plots.weight_values import ShownWeights, View, written_ratio

_LONGEST_NAME = 40


class WeightWords(QObject):
    """Words for the numbers shown."""

    def view_name(self, view: View, *, standardised: bool) -> str:
        """What the chooser calls a view."""
        if view is View.WEIGHTS:
            return self.tr("Weights (standardised inputs)") if standardised else self.tr("Weights (inputs as they are)")
        return self.tr("Coefficients in original units") if view is View.COEFFICIENTS else self.tr("Odds ratios")

    def quantity(self, shown: ShownWeights) -> str:
        """What one number is called."""
        match shown.wish.view:
            case View.WEIGHTS:
                return self.tr("weight")
            case View.COEFFICIENTS:
                return self.tr("coefficient")
            case _:
                return self.tr("odds ratio")

    def bias_name(self, shown: ShownWeights) -> str:
        """What the first row is called."""
        match shown.wish.view:
            case View.WEIGHTS:
                return self.tr("bias")
            case View.COEFFICIENTS:
                return self.tr("intercept")
            case _:
                return self.tr("odds at 0")

    def labels(self, shown: ShownWeights) -> Labels:
        """What stands around the cells; the class that odds are against is marked."""
        units = shown.wish.units
        if shown.wish.view is View.ODDS_RATIOS:
            r = shown.wish.reference
            reference = self.tr("{name} (reference)").format(name=_short(units[r]))
            units = (*units[:r], reference, *units[r + 1 :])
        return Labels(
            shown.wish.loaded.dataset.feature_names,
            units,
            self.bias_name(shown),
            self.tr("feature \\ unit") if shown.wish.network.hidden_layers else self.tr("feature \\ class"),
        )

    def read_out(self, shown: ShownWeights, place: Place, shape: tuple[int, int] | None) -> str:
        """The value at ``place`` with six significant digits, its feature and its class."""
        feature, unit = place
        unit_name = one_line(shown.wish.units[unit])
        if feature is None:
            value = self._exact(shown, float(shown.bias[unit]))
            return f"{unit_name}\n{self.bias_name(shown)} {value}"
        name = one_line(shown.wish.loaded.dataset.feature_names[feature])
        if shape is not None:
            row, column = divmod(feature, shape[1])
            name += self.tr(" (row {row}, column {column})").format(row=row + 1, column=column + 1)
        value = self._exact(shown, float(shown.values[feature, unit]))
        lines = [name, unit_name, f"{self.quantity(shown)} {value}"]
        if shown.constant[feature]:
            lines.append(self.tr("constant in the training rows, without effect"))
        return "\n".join(lines)

    def warnings(self, shown: ShownWeights, *, at_start: bool) -> list[str]:
        """What one has to know not to be misled."""
        said = [self._trouble(shown, at_start=at_start)]
        if shown.wish.network.hidden_layers:
            said.append(
                self.tr(
                    "Weights of the first hidden layer; coefficients in original units and odds ratios need a network "
                    "without hidden layers."
                )
            )
        return [text for text in said if text]

    def explanations(self, shown: ShownWeights, *, fills_in: bool) -> list[str]:
        """What the numbers mean, the most important first."""
        said = [self._meaning(shown)]
        if n_constant := int(shown.constant.sum()):
            text = self.tr("{n} of {all} features are constant in the training rows and without effect.")
            said.append(text.format(n=f"{n_constant:,}", all=f"{shown.n_features:,}"))
        if fills_in and shown.wish.view is not View.WEIGHTS:
            said.append(self.tr("A missing number counts as the median of its column in the training rows."))
        return said

    def images_left_out(self, shown: ShownWeights, n_shown: int) -> str:
        """How many images found no room."""
        n = shown.n_units
        if n_shown >= n:
            return ""
        text = (
            self.tr("The first {n} of {all} units are shown, {left} are left out.")
            if shown.wish.network.hidden_layers
            else self.tr("The first {n} of {all} classes are shown, {left} are left out.")
        )
        return text.format(n=f"{n_shown:,}", all=f"{n:,}", left=f"{n - n_shown:,}")

    def part_seen(self, shown: ShownWeights, rows: range, columns: range, *, crowded: bool, for_paper: bool) -> str:
        """Which features and classes are to be seen, where that is not all of them each in its own place."""
        n_features, n_units = shown.n_features, shown.n_units
        hidden = bool(shown.wish.network.hidden_layers)
        parts = []
        if len(rows) < n_features:
            parts.append(_range(self.tr("features {first} to {last} of {all}"), rows, n_features))
        if len(columns) < n_units:
            text = (
                self.tr("units {first} to {last} of {all}") if hidden else self.tr("classes {first} to {last} of {all}")
            )
            parts.append(_range(text, columns, n_units))
        if parts:
            text = self.tr("Shown: {parts}.") if for_paper else self.tr("Shown: {parts}; scroll for the others.")
            return text.format(parts=", ".join(parts))
        if not crowded:
            return ""
        text = (
            self.tr("All {n} features and {all} units; where several share a place, the largest is seen.")
            if hidden
            else self.tr("All {n} features and {all} classes; where several share a place, the largest is seen.")
        )
        return text.format(n=f"{n_features:,}", all=f"{n_units:,}")

    def copied(self, shown: ShownWeights) -> str:
        """What has been put on the clipboard."""
        text = self.tr("Copied as CSV: {rows} rows and {columns} columns of numbers.")
        return text.format(rows=f"{shown.n_features + 1:,}", columns=f"{shown.n_units:,}")

    def _trouble(self, shown: ShownWeights, *, at_start: bool) -> str:
        if shown.diverged:
            return self.tr(
                "Some weights are no longer finite numbers: the training has diverged. A lower learning rate may help."
            )
        if not shown.finite:
            return self.tr("Some of these numbers are too large to be written.")
        if not shown.all_zero:
            return ""
        if at_start:
            return self.tr("All weights are zero: that is where training starts.")
        return self.tr("All weights are zero.") if shown.wish.view is View.WEIGHTS else ""

    def _meaning(self, shown: ShownWeights) -> str:
        wish = shown.wish
        if wish.view is View.COEFFICIENTS:
            return self.tr(
                "Change of the logit of a class when a feature rises by one unit of the table; the intercept is the "
                "logit where every feature is 0."
            )
        if wish.view is View.ODDS_RATIOS:
            return self.tr(
                "Factor on the odds of a class against {name} when a feature rises by one unit of the table; first, "
                "the odds where every feature is 0."
            ).format(name=_short(wish.loaded.dataset.class_names[wish.reference]))
        rise = self.tr("one standard deviation") if wish.loaded.data.preprocessor.standardizer else self.tr("one unit")
        text = (
            self.tr("Change of the input of a unit when a feature rises by {rise}.")
            if wish.network.hidden_layers
            else self.tr("Change of the logit of a class when a feature rises by {rise}.")
        )
        return text.format(rise=rise)

    def _exact(self, shown: ShownWeights, value: float) -> str:
        if not math.isfinite(value):
            return shown.write(value)
        text = f"{value:.6g}".replace("-", "−")
        if shown.wish.view is not View.ODDS_RATIOS:
            return text
        ratio = written_ratio(value)
        if ratio[0] not in "<>":
            ratio = f"{math.exp(value):.6g}".replace("-", "−")
        return self.tr("{ratio} (logarithm {logarithm})").format(ratio=ratio, logarithm=text)


def _range(text: str, part: range, n: int) -> str:
    return text.format(first=f"{part.start + 1:,}", last=f"{part.stop:,}", all=f"{n:,}")


def _short(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
