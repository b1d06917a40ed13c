"""The set-up of the run that a plot shows, for its picture to carry."""

from __future__ import annotations

from engine.errors import SetupFileError
from engine.runs.picture_metadata import PictureText
from engine.runs.setup_record import SetupRecord, to_json
from engine.versions import versions
from gui.plots.base import Plot
from gui.run_view import RunView


def text_for(plot: Plot) -> PictureText:
    """Title and set-up of the picture of ``plot``."""
    record = setup_of(plot.session)
    try:
        return PictureText(plot.image_title, to_json(record) if record else None)
    except SetupFileError:  # names of kilobytes; the picture is worth having without
        return PictureText(plot.image_title, None)


def setup_of(view: RunView) -> SetupRecord | None:
    """What the run of ``view``, or the next one, is made from; None without data."""
    loaded = view.loaded
    if loaded is None:
        return None
    return SetupRecord(
        name=loaded.table.name,
        key=loaded.key,
        generator=loaded.generator,
        target=loaded.dataset.target_name,
        fingerprint=loaded.dataset.fingerprint,
        preparation=loaded.data.config,
        training=view.first_config,
        changes=view.changes,
        versions=tuple(versions().items()),
    )
