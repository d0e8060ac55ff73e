"""The documents agree with the program."""

import re
from pathlib import Path

import pytest
import typer

from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES, UNFURL_DOMAINS
from app.cli import cli
from app.manifest import manifest_text
from app.reference import reference
from bot.commands import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def test_the_reference_is_written_from_the_tables():
    assert (ROOT / "docs/reference.md").read_text(encoding="utf-8") == reference()


def test_the_manifest_is_the_one_that_is_printed():
    assert (ROOT / "docs/slack-manifest.yaml").read_text(encoding="utf-8") == manifest_text()


def test_slacks_page_says_what_each_permission_is_for():
    told = (ROOT / "docs/slack.md").read_text(encoding="utf-8")
    scopes, _, events = told.partition("## Why each permission")[2].partition("It hears of these events")
    rows = [row.split("|")[1] for row in scopes.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`(\S+)`", "".join(rows))) == set(BOT_SCOPES)
    assert set(re.findall(r"`([a-z_.]+)`", events.partition("\n\n")[0])) == set(BOT_EVENTS)
    assert all(f"`{domain}`" in told for domain in UNFURL_DOMAINS)


def test_the_readme_names_every_command_of_the_command_line():
    commands = typer.main.get_command(cli).commands
    names = {name for name, command in commands.items() if not command.hidden}
    assert set(re.findall(r"`paperclub ([\w-]+)", README)) == names


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_commands_examples_are_read_by_it(command):
    assert command.examples
    for example in command.examples:
        name, _, arguments = example.partition(" ")
        assert name == command.name
        command.read(arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    for target in targets:
        assert (page.parent / target).exists(), target
