import base64
import re
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.secrets import FernetSecrets
from app.settings import Settings, load_settings
from bot.domain.errors import UserError
from bot.ports.secrets import Secrets

OLD, NEW, OTHER = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in range(3))
TOKEN = "xoxb-very-secret"


def secrets(*keys: str) -> Secrets:
    return FernetSecrets(SecretStr(",".join(keys)))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_encrypted_comes_back_and_never_looks_the_same(secret):
    box = secrets(OLD)
    kept = box.encrypt(secret)
    assert box.decrypt(kept, "T1") == secret
    assert kept != box.encrypt(secret)
    assert not secret or len(secret) < 5 or secret.encode() not in kept


def test_the_first_key_encrypts_and_any_decrypts():
    before = secrets(OLD).encrypt(TOKEN)
    both = secrets(NEW, OLD)
    assert both.decrypt(before, "T1") == TOKEN
    assert secrets(NEW).decrypt(both.encrypt(TOKEN), "T1") == TOKEN


@pytest.mark.parametrize(
    "kept",
    [secrets(OLD).encrypt(TOKEN), b"", b"nonsense", TOKEN.encode()],
    ids=["another key's", "nothing", "nonsense", "not encrypted"],
)
def test_what_no_key_opens_names_the_workspace_and_no_value(kept):
    with pytest.raises(UserError) as caught:
        secrets(NEW, OTHER).decrypt(kept, "T0TEAM")
    told = "".join(traceback.format_exception(caught.value))
    assert "T0TEAM" in str(caught.value)
    assert "install Paperclub there again" in str(caught.value)
    assert not any(value in told for value in (TOKEN, NEW, OTHER))


def test_keys_may_stand_among_blanks():
    assert secrets(f" {NEW}\n", "", f"\t{OLD}", "").decrypt(secrets(OLD).encrypt(TOKEN), "T1") == TOKEN


@pytest.mark.parametrize("keys", ["", " ", ",,", "short", f"{NEW},short", NEW[:-4], "ключ", "ü" * 44])
def test_what_is_no_key_is_told_with_how_to_make_one(keys):
    with pytest.raises(UserError, match="PAPERCLUB_SECRET_KEY") as caught:
        FernetSecrets(SecretStr(keys))
    told = "".join(traceback.format_exception(caught.value))
    assert not any(word in told for word in ("short", "ключ", NEW, "ü" * 44))
    (line,) = (line for line in str(caught.value).splitlines() if line.startswith("python -c "))
    code = line.removeprefix('python -c "').removesuffix('"')
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert secrets(made).decrypt(secrets(made).encrypt(TOKEN), "T1") == TOKEN


def test_keys_show_in_no_repr(monkeypatch):
    monkeypatch.setenv("PAPERCLUB_SECRET_KEY", f"{NEW},{OLD}")
    settings = load_settings()
    box = FernetSecrets(settings.secret_key)
    shown = "".join([repr(settings), str(settings), settings.model_dump_json(), repr(box), repr(vars(box))])
    assert NEW not in shown
    assert OLD not in shown


def test_no_key_is_needed_before_something_is_installed(monkeypatch):
    monkeypatch.delenv("PAPERCLUB_SECRET_KEY", raising=False)
    assert not Settings().secret_key.get_secret_value()


NOW = datetime(2026, 9, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_seal_holds_for_its_purpose_and_its_time():
    box = FernetSecrets(SecretStr(f"{NEW},{OLD}"))
    seal = FernetSecrets(SecretStr(OLD)).sign("one", NOW)
    assert re.fullmatch(r"[\w-]+", seal, re.ASCII)
    assert box.verify(seal, "one", NOW + HOUR, HOUR)
    assert not box.verify(seal, "one", NOW + HOUR + timedelta(seconds=1), HOUR)
    assert not box.verify(seal, "another", NOW, HOUR)
    assert not FernetSecrets(SecretStr(OTHER)).verify(seal, "one", NOW, HOUR)
    assert seal != box.sign("one", NOW)


@given(st.text(max_size=600))
def test_no_other_text_is_a_seal(text):
    assert not FernetSecrets(SecretStr(OLD)).verify(text, "one", NOW, HOUR)
