from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from gui.settings import Settings


def test_nothing_saved_yet(settings_file: Path) -> None:
    settings = Settings(settings_file)
    assert settings.theme == "system"
    assert settings.doctor
    assert settings.bytes_of("layout") is None
    assert settings.folder("data_folder") == str(Path.home())


def test_what_was_written_is_read_again(settings_file: Path, tmp_path: Path) -> None:
    settings = Settings(settings_file)
    settings.theme = "dark"
    settings.doctor = False
    settings.save_bytes("layout", QByteArray(b"\0\1\xff"))
    settings.save_folder("data_folder", tmp_path)
    settings.write()
    again = Settings(settings_file)
    assert settings_file.exists()
    assert again.theme == "dark"
    assert not again.doctor
    assert again.bytes_of("layout") == QByteArray(b"\0\1\xff")
    assert again.folder("data_folder") == str(tmp_path)


def test_a_folder_that_is_gone_gives_way_to_home(settings_file: Path, tmp_path: Path) -> None:
    settings = Settings(settings_file)
    settings.save_folder("data_folder", tmp_path / "gone")
    assert settings.folder("data_folder") == str(Path.home())


@pytest.mark.parametrize(
    "content",
    [
        b"theme=purple\nlayout=12\ndata_folder=@Invalid()\n",
        b"theme=light, dark\nlayout=a, b\ndata_folder=a, b\n",
        b"[General\ntheme=\x00\xff\xfe\n@ByteArray(",
        bytes(range(256)) * 20,
        b"",
    ],
    ids=["nonsense", "lists", "broken", "binary", "empty"],
)
def test_a_damaged_file_is_ignored(settings_file: Path, content: bytes) -> None:
    settings_file.write_bytes(content)
    settings = Settings(settings_file)
    assert settings.theme == "system"
    assert settings.bytes_of("layout") is None
    assert settings.folder("data_folder") == str(Path.home())


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    settings = Settings(in_the_way / "window.ini")
    settings.theme = "dark"
    settings.write()
    assert settings.theme == "dark"
    assert in_the_way.read_text() == "not a folder"


def test_tests_never_see_the_settings_of_the_user(tmp_path: Path) -> None:
    settings = Settings()
    settings.theme = "light"
    settings.write()
    assert (tmp_path / "user_config" / "window.ini").exists()
