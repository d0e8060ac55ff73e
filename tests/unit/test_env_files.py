"""Settings in a file: `.env` in the folder, or the one that is named."""

import os

import pytest

from app.cli import _in_front
from app.env_files import ENV_FILE
from app.settings import load_settings
from bot.domain.errors import UserError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("PAPERCLUB_"):
            monkeypatch.delenv(name)
    return tmp_path


def test_the_file_in_the_folder_is_read_and_the_environment_comes_first(folder, monkeypatch):
    (folder / ".env").write_text(
        "# of another program\nDEBUG\nexport PAPERCLUB_PORT=8081\nPAPERCLUB_HOST='::1'\n"
        'PAPERCLUB_DATABASE_URL="sqlite:///a.db"\nPAPERCLUB_DISCORD_TOKEN= abc \n',
        encoding="utf-8-sig",
    )
    monkeypatch.setenv("PAPERCLUB_HOST", "127.0.0.2")
    settings = load_settings()
    assert (settings.port, settings.host, settings.database_url) == (8081, "127.0.0.2", "sqlite:///a.db")
    assert settings.discord_token.get_secret_value() == "abc"


def test_a_file_that_is_named_takes_the_place_of_the_folders(folder, monkeypatch):
    (folder / ".env").write_text("PAPERCLUB_PORT=8081\nPAPERCLUB_HOST=::1\n")
    (folder / "production.env").write_text("PAPERCLUB_PORT=8082\n")
    monkeypatch.setenv(ENV_FILE, "production.env")
    settings = load_settings()
    assert (settings.port, settings.host) == (8082, "127.0.0.1")


@pytest.mark.usefixtures("folder")
def test_without_a_file_there_are_defaults():
    assert load_settings().port == 8080


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nPAPERCLUB_PORT\n", 2),
        ("A=1\nPAPERCLUB_DISCORD_TOKEN='secret\nB=2\n", 2),
        ("PAPERCLUB_DISCORD_TOKEN secret\n", 1),
    ],
)
def test_a_line_that_cannot_be_understood_is_told_by_its_number(folder, text, line):
    (folder / ".env").write_text(text)
    with pytest.raises(UserError, match=rf"^\.env, line {line} cannot be understood") as told:
        load_settings()
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "make", [lambda _: None, lambda file: file.mkdir(), lambda file: file.write_bytes(b"\xff\xfe")]
)
def test_a_named_file_that_cannot_be_read_is_told(folder, monkeypatch, make):
    make(folder / "a.env")
    monkeypatch.setenv(ENV_FILE, "a.env")
    with pytest.raises(UserError, match=r"^The settings in a\.env cannot be read: "):
        load_settings()


def test_a_misspelt_name_is_told_with_what_may_be_meant(folder, monkeypatch, caplog):
    (folder / ".env").write_text("PAPERCLUB_PROT=1\nPAPERCLUB_DATABASE_PASSWORD=x\n")
    monkeypatch.setenv("PAPERCLUB_SLACK_BOTTOKEN", "xoxb-secret")
    monkeypatch.setenv("PAPERCLUB_ZEBRA", "1")
    load_settings()
    assert caplog.messages == [
        "PAPERCLUB_PROT is not a setting. Did you mean PAPERCLUB_PORT?",
        "PAPERCLUB_SLACK_BOTTOKEN is not a setting. Did you mean PAPERCLUB_SLACK_BOT_TOKEN?",
        "PAPERCLUB_ZEBRA is not a setting.",
    ]


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ("run --env-file a.env --role worker", "--env-file a.env run --role worker"),
        ("run --env-file=a.env", "--env-file=a.env run"),
        ("--env-file a.env run", "--env-file a.env run"),
        ("import -- --env-file", "import -- --env-file"),
        ("run", "run"),
        ("run --env-file", "--env-file run"),
    ],
)
def test_the_option_may_stand_before_a_command_or_behind_it(given, moved):
    assert _in_front(given.split(), "--env-file") == moved.split()
