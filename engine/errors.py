"""The errors of the engine, one tree.

EngineError                 anything a caller can put right; its text is a sentence for the user
+-- SettingError            a setting outside what its spec allows; ``key`` names the setting
+-- DataError               a table or data set that cannot be used as asked
|   +-- FileFormatError     a file that cannot be read as what it claims to be
|   +-- TargetError         a target column that is absent or cannot name classes
+-- ModelFileError          a saved model that is damaged, foreign or of another version
+-- SetupFileError          a picture that carries no set-up of a run, or one that cannot be used
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of every error the engine raises on purpose; ``str(error)`` can be shown to a user."""


class SettingError(EngineError):
    """A setting was refused.

    ``key`` is the spec key of the setting, so that a form can put the message beside the right field.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class DataError(EngineError):
    """A table or data set that cannot be used as asked."""


class FileFormatError(DataError):
    """A file that cannot be read as what it claims to be."""


class TargetError(DataError):
    """A target column that is absent, or whose values cannot name classes."""


class ModelFileError(EngineError):
    """A saved model that is damaged, foreign, or of another version."""


class SetupFileError(EngineError):
    """A picture that carries no set-up of a run, or one that is damaged, foreign, or of another version."""
