"""The command line `paperclub`. Each command imports what it needs, so that `paperclub chat` starts fast."""

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console, RenderableType
from rich.table import Table

from app.clock import SystemClock
from app.env_files import ENV_FILE
from app.logs import log_to_stderr
from app.roles import Role
from app.settings import Settings, load_settings
from app.start import INTERRUPTED
from bot.domain.cleaning import clean_text
from bot.domain.errors import UserError
from bot.protocol.values import source_label, span_from

NOT_DONE = 1
PARTLY_DONE = 3
_EXIT_CODES = "Exit codes: 0 all done, 1 not done, 2 wrong arguments, 3 done in part."

cli = typer.Typer(
    name="paperclub",
    help=f"Find, read, vote on and discuss papers with your team. {_EXIT_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
notes = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


class _Output(Console):
    """The standard output. If its reader has gone, it says so; rich would exit without a word."""

    def on_broken_pipe(self) -> None:
        raise UserError("Nobody reads the standard output any more.")


out = _Output(highlight=False, markup=False, soft_wrap=True)


def main() -> None:
    """Run the command line. An error that people can put right is one sentence, without a traceback."""
    # Nobody else on this computer may read the files that we make: the database and SQLite's files beside it.
    os.umask(0o077)
    try:
        cli(_in_front(sys.argv[1:], "--env-file"))
    except UserError as error:
        # At exit Python flushes the standard output. If that failed, it would print a second error.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        notes.print(f"paperclub: {error}")
        raise SystemExit(NOT_DONE) from None


def _in_front(arguments: Sequence[str], option: str) -> list[str]:
    """Move an option and its value to the front, so that people may write it last.

    Nothing behind `--` is an option.
    """
    given = list(arguments)
    end = given.index("--") if "--" in given else len(given)
    for at, each in enumerate(given[:end]):
        if each.partition("=")[0] == option:
            taken = given[at : at + (1 if "=" in each else 2)]
            return taken + given[:at] + given[at + len(taken) :]
    return given


@cli.callback()
def every_command(
    env_file: Annotated[
        Path | None,
        typer.Option(
            envvar=ENV_FILE,
            help="Read settings from this file instead of `.env` in this folder. "
            "Environment variables win over the file.",
        ),
    ] = None,
) -> None:
    """Read the options that every command has. They may stand before or behind its name."""
    if env_file is not None:
        os.environ[ENV_FILE] = str(env_file)


@cli.command()
def chat(
    script: Annotated[
        Path | None, typer.Option(help="Replay the lines of this file instead of reading the keyboard.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Save a picture of what the script shows in this file.")
    ] = None,
    *,
    production: Annotated[
        bool,
        typer.Option(
            "--production",
            help="Use the database that `run`, `fetch` and `import` use, which has no samples. "
            "Setting PAPERCLUB_DATABASE_URL has the same effect.",
        ),
    ] = False,
) -> None:
    """Talk with the bot in this terminal. It has its own database with sample papers, and needs no token."""
    if svg and not script:
        raise typer.BadParameter("a picture is drawn of a script: give --script too", param_hint="--svg")
    from app.chat import chat as talk

    _run(talk(load_settings(), script, svg, notes, production=production))


@cli.command()
def run(
    role: Annotated[
        Role,
        typer.Option(help="worker: fetch papers and post; gateway: answer people; all: both."),
    ] = Role.ALL,
) -> None:
    """Run the bot until it is stopped: post, answer people, and tell its health at /healthz and /readyz."""
    import uvloop

    from app.serve import serve

    # While a thousand callers connect and leave, people wait twice as long with asyncio's own loop.
    _run(serve(load_settings(), role), uvloop.new_event_loop)


@cli.command()
def web(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1. 0: one that is free.")
    ] = 8080,
) -> None:
    """Show the web page with the samples of `chat`, signed in, to this computer alone."""
    from app.web import web as show

    _run(show(load_settings(), port, notes))


@cli.command()
def mcp(
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Let the agent save, vote and add papers too, as you.")
    ] = False,
) -> None:
    """Let an agent on this computer ask the bot as you, over MCP on standard input and output."""
    from app.mcp_stdio import serve_stdio

    _run(serve_stdio(load_settings(), write=write))


@cli.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="JSON, BibTeX, RIS, CSL-JSON, EndNote XML, PubMed NBIB, arXiv Atom, a saved web page, or an "
            "export. `-` reads the standard input.",
        ),
    ],
    *,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", help="List all changed papers and all contradictions, not only the first."),
    ] = False,
) -> None:
    """Import papers from files, and list changes, contradictions and bad lines. Repeating it is harmless."""
    _run(_import(load_settings(), files, verbose=verbose))


@cli.command()
def fetch(
    source: Annotated[str, typer.Option(help="huggingface or arxiv.")] = "huggingface",
    date_: Annotated[
        str,
        typer.Option("--date", help="2026-04-17, today, yesterday, 3d …; a week 2026-W38, a month 2026-09."),
    ] = "today",
    search: Annotated[
        str, typer.Option(help="Fetch what the source finds for these words, whatever the day.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="The most papers that --search may fetch.")
    ] = 100,
) -> None:
    """Fetch the papers that a source listed on a day, in a week or in a month, or finds for some words."""
    if search:
        _run(_fetch_found(load_settings(), source, clean_text(search), limit))
    try:
        first, last = span_from(date_, datetime.now(UTC).date())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--date") from None
    _run(_fetch(load_settings(), source, first, last))


@cli.command()
def ingest() -> None:
    """Fetch from every source that is due, once. `paperclub run` does so by itself."""
    _run(_ingest(load_settings()))


@cli.command()
def digest(
    now: Annotated[
        bool, typer.Option("--now", help="Post today's digests now. They are not posted again later.")
    ] = False,
) -> None:
    """List when each channel's digest is due, or post today's now."""
    _run(_digest(load_settings(), now=now))


@cli.command()
def manifest(
    url: Annotated[
        str,
        typer.Option(
            help="The address (https://…) at which Slack reaches `paperclub run`. Socket Mode needs none."
        ),
    ] = "",
) -> None:
    """Print the manifest that Slack makes the app from."""
    from app.manifest import manifest_text

    try:
        text = manifest_text(url)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    _run(_print_text(text))


@cli.command("mail-in")
def mail_in(
    recipient: Annotated[
        str, typer.Argument(help="The address it was returned to, if the relay can say so.")
    ] = "",
) -> None:
    """Take one mail that came back, on the standard input; a bounce or complaint stops its mailbox.

    Your mail relay calls this. Exit codes: 0 done or nothing to do, 75 try again later.
    """
    _run(_mail_in(recipient))


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    _run(_migrate(load_settings()))


@cli.command("move-database")
def move_database(
    source: Annotated[str, typer.Argument(metavar="FROM", help="sqlite:///FILE or postgresql://HOST/NAME")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty database, SQLite or PostgreSQL.")],
) -> None:
    """Copy a whole database into an empty one, and compare them row by row. Stop the bot first."""
    _run(_move_database(load_settings(), source, target))


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The backup. No file of this name may exist.")],
) -> None:
    """Back the SQLite database up to a file. The bot may run meanwhile."""
    from app.backups import back_up

    _run(_print_lines(back_up(load_settings(), file)))


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` has written.")],
) -> None:
    """Replace the SQLite database by a backup. What was posted since the backup is not posted again."""
    from app.backups import restore as put_back

    _run(_print_lines(put_back(load_settings(), file, SystemClock())))


@cli.command("after-restore")
def after_restore(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False
) -> None:
    """Prepare a database that another program restored, so that the bot posts nothing a second time."""
    from app.backups import restored as prepare

    if not yes:
        typer.confirm(
            "Digests whose time has passed will not be posted. The bot will look for each unsent post on its "
            "platform before it sends it. Is this database one that was just restored?",
            abort=True,
            err=True,
        )
    _run(_print_lines(prepare(load_settings(), SystemClock())))


@cli.command("restored", hidden=True)
def restored(*, yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False) -> None:
    """The old name of `after-restore`, which the next release drops."""
    typer.echo(
        "This command is called `paperclub after-restore` now. The next release drops the old name.", err=True
    )
    after_restore(yes=yes)


@cli.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="The file to write. Without one, it prints.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Export everything that is stored, as JSON Lines, except for what can be computed again."""
    from app.exporting import export as write

    _run(write(load_settings(), file, notes, force=force))


@cli.command()
def invite() -> None:
    """Print the link that adds the bot to a Discord server, with the permissions that it needs."""
    _run(_invite(load_settings()))


@cli.command()
def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Skip the model and the look through all papers, which take long.")
    ] = False,
) -> None:
    """Check the set-up, and say how to put right what is wrong."""
    _run(_doctor(load_settings(), quick=quick))


papers = typer.Typer(
    help="See what each source says about a paper, and correct the paper.", no_args_is_help=True
)
cli.add_typer(papers, name="papers")
_Which = Annotated[
    str, typer.Argument(metavar="PAPER", help="Its number, such as 57, or one of its identifiers.")
]
_Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@papers.command("show")
def show_paper(paper: _Which) -> None:
    """Show a paper, and a numbered list of what each source says about it."""
    from app.paper_admin import show

    _run(_print_lines(show(load_settings(), paper)))


@papers.command("split")
def split_paper(
    paper: _Which,
    take: Annotated[
        str, typer.Option(help="The numbers in the list of `show` that belong to the new paper: 2,3.")
    ],
    give: Annotated[
        list[str] | None,
        typer.Option(help="An identifier that both sides list and that is the new paper's. Repeatable."),
    ] = None,
    *,
    yes: _Yes = False,
) -> None:
    """Split a paper that was merged by mistake. Votes and discussions stay with the old number."""
    from app.paper_admin import split

    numbers = take.replace("#", "").replace(",", " ").split()
    if not numbers or not all(each.isascii() and each.isdigit() and len(each) < 9 for each in numbers):
        raise typer.BadParameter("it takes numbers, such as 2,3", param_hint="--take")
    wanted = {int(each) for each in numbers}
    _run(
        _print_line(
            split(load_settings(), paper, wanted, give or (), ask=_confirmation(yes=yes), tell=out.print)
        )
    )


@papers.command("merge")
def merge_papers(
    paper: _Which,
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER", help="The paper that becomes a part of PAPER. Its number then leads to PAPER."
        ),
    ],
    *,
    yes: _Yes = False,
) -> None:
    """Merge two papers under the first one's number, with the votes and discussions of both."""
    from app.paper_admin import merge

    work = merge(load_settings(), paper, other, SystemClock(), ask=_confirmation(yes=yes), tell=out.print)
    _run(_print_line(work))


@papers.command("edit")
def edit_paper(
    paper: _Which,
    *,
    title: Annotated[str, typer.Option(help="Its title.")] = "",
    author: Annotated[list[str] | None, typer.Option(help="An author; repeat it for each, in order.")] = None,
    abstract: Annotated[str, typer.Option(help="Its abstract.")] = "",
    year: Annotated[int | None, typer.Option(min=1000, max=2999, help="The year of its publication.")] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of its publication.")
    ] = None,
    add_identifier: Annotated[
        list[str] | None, typer.Option(help="An identifier of this paper. Repeatable.")
    ] = None,
    drop_identifier: Annotated[
        list[str] | None,
        typer.Option(help="An identifier of another paper, whatever sources say. Repeatable."),
    ] = None,
) -> None:
    """Correct a paper. No source can change what you set here."""
    from app.paper_admin import Edit, edit

    if year and published:
        raise typer.BadParameter("give a year or a day, not both", param_hint="--year")
    day = published.date() if published else date(year, 1, 1) if year else None
    added, dropped = tuple(add_identifier or ()), tuple(drop_identifier or ())
    wanted = Edit(title, abstract, tuple(author or ()), day, added, dropped)
    _run(_print_lines(edit(load_settings(), paper, wanted, SystemClock())))


@papers.command("remove")
def remove_paper(paper: _Which, *, yes: _Yes = False) -> None:
    """Remove a paper and everything about it. If a source lists it again, it comes back as a new paper."""
    from app.paper_admin import remove

    work = remove(load_settings(), paper, SystemClock(), ask=_confirmation(yes=yes), tell=out.print)
    _run(_print_line(work))


def _confirmation(*, yes: bool) -> Callable[[str], None]:
    """Return a function that asks whether to go on, and ends the command on a no.

    With `--yes` it does not ask.
    """

    def ask(question: str) -> None:
        if not yes:
            typer.confirm(question, abort=True, err=True)

    return ask


def _run(
    work: Coroutine[Any, Any, int], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> None:
    log_to_stderr(logging.WARNING)
    gc.freeze()  # modules stay in memory anyway: to search them takes a tenth of a second each time
    gc.enable()
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            code = runner.run(work)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _exit_at_once()
    except Exception as error:
        from app.error_text import sentence

        raise UserError(sentence(error) or _log_own_mistake(error)) from error
    raise typer.Exit(code)


def _exit_at_once() -> NoReturn:
    """End at once. A normal exit would wait for a thread that is loading the model."""
    notes.print("\nInterrupted. What was done by then is kept.")
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(INTERRUPTED)


def _log_own_mistake(error: Exception) -> str:
    """Log an error that is our own mistake, and return the sentence that the person reads."""
    reference = secrets.token_hex(4)
    logging.getLogger(__name__).error("Reference %s", reference, exc_info=error)
    return (
        f"Something is wrong in Paperclub itself. Please report the lines above, with reference {reference}."
    )


async def _import(settings: Settings, files: list[Path], *, verbose: bool) -> int:
    """Import the files in turn. If one of several cannot be read, the others are still imported."""
    from app.intake import LISTED, Report, import_file
    from app.wiring import assembled

    reports: list[Report | None] = []
    async with assembled(settings, {}) as parts:
        for file in files:
            try:
                report = await import_file(parts, file, notes)
            except UserError as error:
                if len(files) == 1:
                    raise
                notes.print(f"paperclub: {error}")
                reports.append(None)
                continue
            for line in report.lines(None if verbose else LISTED):
                notes.print(line)
            out.print(f"{'standard input' if str(file) == '-' else clean_text(file.name)}: {report.text}")
            reports.append(report)
    if all(report is not None and not report.bad for report in reports):
        return 0
    taken = any(report is not None and report.added.stored for report in reports)
    return PARTLY_DONE if taken else NOT_DONE


async def _fetch(settings: Settings, source: str, first: date, last: date) -> int:
    from app.intake import fetch_span
    from app.wiring import assembled
    from bot.domain.source import SourceState

    async with assembled(settings, {}) as parts:
        listed, report = await fetch_span(parts, source, first, last, notes)
    wanted = str(first) if first == last else f"{first} to {last}"
    detail = f" ({listed.detail})" if listed.detail else ""
    for line in report.contradictions():
        notes.print(line)
    out.print(f"{source_label(source)}, {wanted}: {listed.state}{detail}. {report.text}")
    return {SourceState.FAILED: NOT_DONE, SourceState.PARTIAL: PARTLY_DONE}.get(listed.state, 0)


async def _fetch_found(settings: Settings, source: str, words: str, limit: int) -> int:
    from app.intake import fetch_found
    from app.wiring import assembled

    async with assembled(settings, {}) as parts:
        report = await fetch_found(parts, source, words, limit, notes)
    for line in report.contradictions():
        notes.print(line)
    out.print(f"{source_label(source)}, “{words}”: {report.text}")
    return 0


async def _ingest(settings: Settings) -> int:
    from app.wiring import assembled

    async with assembled(settings, {}) as parts:
        with notes.status("Asking every source that is due …"):
            await parts.ingest.round()
        async with parts.store.reading() as tx:
            source_polls = await tx.source_polls.all()
    for poll in source_polls:
        out.print(f"{source_label(poll.name)}: {poll.error or 'all is well'}")
    return PARTLY_DONE if any(poll.error for poll in source_polls) else 0


async def _digest(settings: Settings, *, now: bool) -> int:
    from app.posting import due_lines, post_now

    for line in await (post_now if now else due_lines)(settings):
        out.print(line)
    return 0


async def _migrate(settings: Settings) -> int:
    from app.wiring import prepare_folders
    from storage.sql.migrations import migrate as bring_up_to_date
    from storage.sql.migrations import pending

    prepare_folders(settings)
    missing = await pending(settings.database)
    await bring_up_to_date(settings.database)
    for each in missing:
        out.print(f"done: {each}")
    out.print("The database is up to date.")
    return 0


async def _mail_in(recipient: str) -> int:
    from app.mail_in import TRY_AGAIN, take_in

    try:
        out.print(await take_in(load_settings(), sys.stdin.buffer, recipient))
    except Exception:
        logging.getLogger(__name__).exception("A returned mail was not taken")
        return TRY_AGAIN
    return 0


async def _move_database(settings: Settings, source: str, target: str) -> int:
    from app.moving import move_database as move

    out.print(await move(settings, source, target, notes))
    out.print("Everything is copied. Set PAPERCLUB_DATABASE_URL to the new database, and use only that one.")
    return 0


async def _print_text(text: str) -> int:
    out.print(text, end="")
    return 0


async def _print_lines(work: Awaitable[Sequence[RenderableType]]) -> int:
    for line in await work:
        out.print(line)
    return 0


async def _print_line(work: Awaitable[str]) -> int:
    out.print(await work)
    return 0


async def _invite(settings: Settings) -> int:
    from adapters.discord.checks import invitation
    from app.surfaces import services_for_checks

    async with services_for_checks(settings) as services:
        out.print(await invitation(settings, services))
    return 0


async def _doctor(settings: Settings, *, quick: bool) -> int:
    from adapters.common.findings import Health
    from app.doctor import examine

    table = Table(box=None, pad_edge=False)
    for name in ("", "what", "found, and what to do"):
        table.add_column(name, overflow="fold")  # a path must not be cut
    signs = {Health.GOOD: "ok", Health.WARNING: "!", Health.BAD: "BAD"}
    worst = 0
    async for finding in examine(settings, SystemClock(), quick=quick):
        text = f"{finding.text}\n→ {finding.advice}" if finding.advice else finding.text
        table.add_row(signs[finding.health], finding.name, text)
        worst = NOT_DONE if finding.health is Health.BAD else worst
    out.print(table)
    return worst


if __name__ == "__main__":
    main()
