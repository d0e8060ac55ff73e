"""Addresses with passwords that break them: no error shows a part of the password."""

import traceback

import pytest

from app.settings import load_settings
from bot.domain.errors import UserError
from storage.sql.database_in_use import is_in_use
from storage.sql.engine import failure
from storage.sql.migrations import migrate, pending
from storage.sql.store import SqlStore

SECRET = "s3cr3t"
NOWHERE = "127.0.0.1:1/db"
DATABASES = (
    f"postgresql://bot:{SECRET}",
    f"postgresql://bot:p@{SECRET}@{NOWHERE}",
    f"postgresql://bot:p@{SECRET}:5432@{NOWHERE}",
    f"postgresql://bot:p@s?{SECRET}=1@{NOWHERE}",
    f"postgresql://bot:p/{SECRET}@{NOWHERE}",
    f"postgresql://bot:p#{SECRET}@{NOWHERE}",
    f"postgresql://bot:p?{SECRET}@{NOWHERE}",
    f"postgresql://bot:%{SECRET}@{NOWHERE}",
    f"postgresql://bot:[{SECRET}@{NOWHERE}",
    f"postgresql://bot:{SECRET}@127.0.0.1:x/db",
    f"postgresql://bot:{SECRET}@127.0.0.1:99999/db",
    f"postgresql://bot:{SECRET}@[::1/db",
    f"postgresql://bot:1@{NOWHERE}?port={SECRET}",
    f"postgresql://bot:1@{NOWHERE}?{SECRET}=1",
    f"postgresql://bot:{SECRET}@{NOWHERE}",
    f"postgresql//bot:{SECRET}@{NOWHERE}",
    f"{SECRET}://bot:1@{NOWHERE}",
    f"mysql://bot:{SECRET}@{NOWHERE}",
)


@pytest.mark.parametrize("address", DATABASES)
@pytest.mark.parametrize("use", [migrate, pending, is_in_use])
async def test_a_database_that_cannot_be_opened_is_told_without_its_password(use, address):
    with pytest.raises(UserError) as caught:
        await use(address)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("address", DATABASES[:4])
def test_what_to_write_instead_is_told(address):
    with pytest.raises(UserError, match="write @ as %40"):
        SqlStore(address)


REDIS = (
    f"redis://:{SECRET}",
    f"redis://:p/{SECRET}@127.0.0.1:1/0",
    f"redis://:p#{SECRET}@127.0.0.1:1/0",
    f"redis://:1#{SECRET}@127.0.0.1:1/0",
    f"redis://:1?{SECRET}=1@127.0.0.1:1/0",
    f"redis://u:12/{SECRET}@127.0.0.1",
    f"redis://:{SECRET}@127.0.0.1:x/0",
    f"redis://:{SECRET}@[::1",
)


@pytest.mark.parametrize("address", REDIS)
def test_an_address_of_redis_is_refused_without_its_password(address, monkeypatch):
    monkeypatch.setenv("PAPERCLUB_REDIS_URL", address)
    with pytest.raises(UserError, match=r"PAPERCLUB_REDIS_URL: .* write @ as %40") as caught:
        load_settings()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "address", ["redis://:p%40p@h:6379/0", "rediss://u:p@h", "unix:///run/redis.sock", ""]
)
def test_a_whole_address_of_redis_is_taken(address, monkeypatch):
    monkeypatch.setenv("PAPERCLUB_REDIS_URL", address)
    assert load_settings().redis_url == address


def test_settings_that_are_shown_hide_passwords(monkeypatch):
    monkeypatch.setenv("PAPERCLUB_REDIS_URL", f"redis://:{SECRET}@h")
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", f"postgresql://bot:{SECRET}@h/db")
    settings = load_settings()
    assert SECRET not in repr(settings) + str(settings)


def test_an_error_of_the_program_is_no_databases():
    assert failure(ValueError("x")) is None
