"""Ways to set Paperclub up wrong, and what `run` and `doctor` say: `python -m tests.misconfigurations`.

The table is the one of docs/troubles.md. The servers of both platforms are real ones, as strict as they are.
"""

import asyncio
import logging
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.common.findings import Health
from app.clock import SystemClock
from app.doctor import examine
from app.roles import Role
from app.serve import doing
from app.settings import Settings
from app.surfaces import check_tokens, surfaces_set_up
from bot.domain.errors import UserError
from storage.sql.migrations import migrate
from tests.servers.discord.server import DiscordServer
from tests.servers.slack.server import SlackServer

NOBODY = "http://127.0.0.1:9"
"""Where nobody answers."""
SLACK_FORM, DISCORD_FORM = "xoxb-0-0-wrong", f"{'M' * 24}.{'G' * 6}.{'w' * 38}"
PORT, NOBODYS_PORT = r"127\.0\.0\.1:\d+", "127.0.0.1:9"
_HEAD = """\
# Troubles

What `paperclub run` and `paperclub doctor` say where the platforms are not set up as they should be. This
page is written by `python -m tests.misconfigurations`, which tries each. `run` exits with 1 where it ends;
where it goes on, it tries again by itself, every five minutes where a token was refused.

| what is wrong | `run` | `doctor` |
| --- | --- | --- |"""
Spoil = Callable[[SlackServer, DiscordServer], None]


@dataclass(frozen=True, slots=True)
class Case:
    """What is wrong: settings over those that are right, or what the platforms know of the app."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    spoil: Spoil = lambda _slack, _discord: None


def _revoked(slack: SlackServer, _: DiscordServer) -> None:
    slack.world.tokens[slack.bot_token].error = "token_revoked"


def _without_a_scope(slack: SlackServer, _: DiscordServer) -> None:
    slack.world.tokens[slack.bot_token].scopes -= {"reactions:read"}


def _without_a_socket(slack: SlackServer, _: DiscordServer) -> None:
    slack.world.tokens[slack.app_token].scopes.clear()


NONE = dict.fromkeys(("slack_bot_token", "slack_app_token", "discord_token"), "")
SLACK, DISCORD = {"discord_token": ""}, {"slack_bot_token": "", "slack_app_token": ""}
MAIL = {
    "smtp_host": "127.0.0.1",
    "smtp_port": "9",
    "smtp_security": "none",
    "mail_from": "papers@example.org",
    "public_url": "https://papers.example.org",
    "secret_key": "a" * 43 + "=",
}
"""Settings of mail that fit, for a server that is not there."""
CASES = (
    Case("neither platform is set up", NONE),
    Case("Slack: the app-level token alone", NONE | {"slack_app_token": "xapp-1-A0-0-0"}),
    Case("Slack: the signing secret alone", NONE | {"slack_signing_secret": "0" * 32}),
    Case("Slack: no way in for events", SLACK | {"slack_app_token": ""}),
    Case("Slack: one workspace and many", SLACK | {"slack_client_id": "1.2"}),
    Case("Slack: many, without the client secret", NONE | {"slack_client_id": "1.2"}),
    Case(
        "Slack: many, without a key",
        NONE | {"slack_client_id": "1.2", "slack_client_secret": "0" * 32, "slack_signing_secret": "0" * 32},
    ),
    Case("Slack: tokens swapped", SLACK | {"slack_bot_token": "xapp-app", "slack_app_token": "xoxb-bot"}),
    Case("Slack: a person's token", SLACK | {"slack_bot_token": "xoxp-user"}),
    Case("Slack: a token that expires", SLACK | {"slack_bot_token": "xoxe.xoxb-1-0"}),
    Case("Slack: Discord's token", SLACK | {"slack_bot_token": DISCORD_FORM}),
    Case("Slack: a token with a space in it", SLACK | {"slack_bot_token": "xoxb-0 0"}),
    Case("Slack: a token for the signing secret", SLACK | {"slack_signing_secret": "xapp-app"}),
    Case("Slack: another bot token", SLACK | {"slack_bot_token": SLACK_FORM}),
    Case("Slack: a bot token that was revoked", SLACK, _revoked),
    Case("Slack: another app-level token", SLACK | {"slack_app_token": "xapp-1-wrong"}),
    Case("Slack: an app-level token without its scope", SLACK, _without_a_socket),
    Case("Slack: a scope is missing", SLACK, _without_a_scope),
    Case("Slack cannot be reached", SLACK | {"slack_api_url": f"{NOBODY}/api/"}),
    Case("Slack: the address is another's", SLACK | {"slack_api_url": "{slack}/elsewhere/"}),
    Case("Discord: Slack's token", DISCORD | {"discord_token": "xoxb-bot"}),
    Case("Discord: “Bot” before the token", DISCORD | {"discord_token": "Bot abc"}),
    Case("Discord: another token", DISCORD | {"discord_token": DISCORD_FORM}),
    Case("Discord: shards alone", NONE | {"discord_shard_count": "2"}),
    Case("Discord: shards without their number", DISCORD | {"discord_shard_ids": "0,1"}),
    Case("Discord cannot be reached", DISCORD | {"discord_api_url": f"{NOBODY}/api/v10"}),
    Case("mail: no sender", NONE | {"smtp_host": "127.0.0.1"}),
    Case("mail: a sender alone", NONE | {"mail_from": MAIL["mail_from"]}),
    Case("mail: no address for its links", NONE | MAIL | {"public_url": ""}),
    Case("mail: links without https", NONE | MAIL | {"public_url": "http://papers.example.org"}),
    Case("mail: no key", NONE | MAIL | {"secret_key": ""}),
    Case("mail: a password without its name", NONE | MAIL | {"smtp_password": "secret"}),
    Case(
        "mail: a password that everybody could read",
        NONE | MAIL | {"smtp_host": "mail.example.org", "smtp_user": "paperclub"},
    ),
    Case("the mail server cannot be reached", NONE | MAIL),
    Case("Discord's token is wrong, Slack's are right", {"discord_token": DISCORD_FORM}),
    Case("both platforms' tokens are wrong", {"slack_bot_token": SLACK_FORM, "discord_token": DISCORD_FORM}),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a case."""

    run: str
    """What ends `run`, or else what it logs before it listens; empty where it says nothing."""
    ended: bool
    doctor: tuple[tuple[str, str], ...]
    """What was found that is not as it should be, and what to do."""


async def tried(case: Case, folder: Path) -> Said:
    """Try a case with a database of its own in an empty folder."""
    async with SlackServer() as slack, DiscordServer() as discord:
        case.spoil(slack, discord)
        settings = _settings(case, folder, slack, discord)
        await migrate(settings.database)
        ended, logged = await _started(settings)
        found = [each async for each in examine(settings, SystemClock(), quick=True)]
    doctor = tuple(
        (f"{each.name}: {each.text}", each.advice)
        for each in found
        if each.health is not Health.GOOD and not each.name.startswith(_ELSEWHERE)
    )
    return Said(ended or logged, bool(ended), doctor)


_ELSEWHERE = ("papers", "data folder", "clock of")
"""Findings that are not about how the platforms are set up."""


def _settings(case: Case, folder: Path, slack: SlackServer, discord: DiscordServer) -> Settings:
    right = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.base_url,
        "discord_token": discord.token,
        "discord_api_url": discord.api,
        "discord_gateway_url": discord.gateway_url,
    }
    given = right | {
        name: value.replace("{slack}", f"http://{slack.address}") for name, value in case.settings.items()
    }
    return Settings(data_dir=folder, database_url=f"sqlite:///{folder}/paperclub.db", **given)


async def _started(settings: Settings) -> tuple[str, str]:
    """Do what `run` does before it opens the database; give what ends it there, and what it logs."""
    logged = _Kept()
    logs = [logging.getLogger(name) for name in ("app.surfaces", "adapters.slack.checks")]
    for log in logs:
        log.addHandler(logged)
    try:
        set_up = surfaces_set_up(settings, listens=True)
        await check_tokens(set_up, settings, listens=True)
        logged.said.append(doing(Role.ALL, set_up))
    except UserError as error:
        return str(error), ""
    finally:
        for log in logs:
            log.removeHandler(logged)
    return "", "\n".join(logged.said)


class _Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


async def table() -> str:
    """Try every case, and write the page."""
    rows = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(case, await tried(case, Path(folder))))
    return "\n".join([_HEAD, *rows]) + "\n"


def row(case: Case, said: Said) -> str:
    run = ("ends: " if said.ended else "goes on: ") + said.run
    doctor = " ".join(f"{text}. {advice}" for text, advice in said.doctor)
    cells = (case.name, run, doctor)
    return f"| {' | '.join(re.sub(PORT, NOBODYS_PORT, each).replace(chr(10), '<br>') for each in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(table()))
