"""Whoever sets Paperclub up wrong is told which setting it is, by `run` and by `doctor`."""

import asyncio
import shutil
from pathlib import Path

import pytest

from adapters.slack.setup import SETUP
from app.settings import Settings
from app.surfaces import check_tokens
from bot.domain.errors import UserError
from tests.misconfigurations import CASES, row, tried
from tests.servers.slack.faults import refusing
from tests.servers.slack.server import SlackServer
from tests.waiting import DEADLINE

PAGE = (Path(__file__).parents[2] / "docs/troubles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_is_said_is_what_the_page_tells(case, tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "paperclub.db")
    said = await tried(case, tmp_path)
    assert said.run
    assert said.doctor
    assert row(case, said) in PAGE.splitlines()
    shown = said.run + str(said.doctor)
    assert not any(secret in shown for secret in case.settings.values() if secret and "-" in secret)


async def test_a_wrong_token_ends_run_with_a_line(process):
    async with SlackServer() as slack:
        running = process(
            "run",
            PAPERCLUB_SLACK_BOT_TOKEN="xoxb-0-0-wrong",
            PAPERCLUB_SLACK_APP_TOKEN=slack.app_token,
            PAPERCLUB_SLACK_API_URL=slack.base_url,
        )
        output, _ = await asyncio.to_thread(running.communicate, timeout=DEADLINE)
    assert running.returncode == 1
    (line,) = output.splitlines()
    assert line.startswith("paperclub: Slack does not take PAPERCLUB_SLACK_BOT_TOKEN (invalid_auth).")


async def test_a_good_app_token_is_taken_though_slack_tells_less_of_it_than_of_others(tmp_path):
    async with SlackServer() as slack:
        settings = Settings(
            data_dir=tmp_path,
            slack_client_id="1.2",
            slack_app_token=slack.app_token,
            slack_api_url=slack.base_url,
        )
        slack.faults.next("auth.test", refusing("not_allowed_token_type"))
        await check_tokens([SETUP], settings, listens=True)
        slack.world.tokens[slack.app_token].error = "token_revoked"
        with pytest.raises(UserError, match="PAPERCLUB_SLACK_APP_TOKEN"):
            await check_tokens([SETUP], settings, listens=True)
