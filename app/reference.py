"""Writes docs/reference.md from the program's own commands and settings: `python -m app.reference`."""

import sys
from collections.abc import Iterator

from adapters.console.controls import CONTROLS
from app.settings import Settings
from bot.commands import COMMANDS
from bot.conversation.command import Command

_HOW_TO_TYPE = """\
Words in capitals stand for what you type; what is in brackets may be left out. Wherever a paper is asked
for, its number (`#57`), a link, an arXiv id, a DOI or words of its title will do. Put several words behind a
colon in quotes: `say:"like this"`."""

_HOW_TO_SET = """\
Settings are environment variables, or lines `NAME=value` of a file: `.env` in this folder, or the one that
`--env-file FILE` names, before or behind any command. The environment comes first."""


def reference() -> str:
    """Return the whole page, as Markdown."""
    parts = [
        "# Reference",
        "This page is written by `python -m app.reference`.",
        "## Commands",
        _HOW_TO_TYPE,
        *(_command(command) for command in COMMANDS),
        "## At the console",
        "The console understands every command, with or without `/papers` before it, and these:",
        _table(
            ("what you type", "what it does"),
            ((f"`{each.usage}`", each.summary) for each in CONTROLS.values()),
        ),
        "## Settings",
        _HOW_TO_SET,
        _table(("variable", "meaning", "default"), _settings()),
    ]
    return "\n\n".join(parts) + "\n"


def _command(command: Command) -> str:
    lines = [
        f"### {command.name}",
        f"{command.summary}.{' Only you see the answer.' if command.private else ''}",
    ]
    lines.append(f"`{command.usage}`")
    if command.parameters:
        lines.append(
            _table(
                ("argument", "meaning"),
                ((f"`{each.usage}`", each.description) for each in command.parameters),
            )
        )
    lines.append("\n".join(["```", *command.examples, "```"]))
    return "\n\n".join(lines)


def _settings() -> Iterator[tuple[str, str, str]]:
    own = Settings.__annotations__
    for name, field in sorted(Settings.model_fields.items(), key=lambda each: each[0] not in own):
        shown = "" if field.default_factory else str(field.default)
        default = f"`{shown}`" if shown else ""
        if name == "data_dir":
            default = "the user's data folder"
        yield f"`PAPERCLUB_{name.upper()}`", field.description or "", default


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    escaped = ((cell.replace("|", "\\|") for cell in row) for row in rows)
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in escaped)]
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(reference())
