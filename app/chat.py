"""`paperclub chat`: the bot at the console.

It has a SQLite file of its own with sample papers, which no other command uses. With `--production`, or if
PAPERCLUB_DATABASE_URL is set, it uses the bot's own database instead, and adds no samples.
"""

import asyncio
import shutil
from functools import partial
from pathlib import Path

from rich.console import Console

from adapters.console.adapter import ConsoleSession, Operator
from adapters.console.outbound.screen import Screen, recorder, terminal
from adapters.console.render.picture import to_svg
from app.console import at_console
from app.intake import import_file, load_samples
from app.settings import Settings
from app.todays import post_todays
from app.wiring import Parts, console_record
from bot.commands import COMMANDS
from bot.domain.errors import UserError
from storage.sql.backup import back_up
from storage.sql.sample_only import holds_only_samples

WARM_AFTER = 0.5
"""Seconds from the prompt until the model is loaded. It is loaded earlier if something needs it."""


async def chat(
    settings: Settings, script: Path | None, svg: Path | None, notes: Console, *, production: bool = False
) -> int:
    """Open a session, or replay a script. Returns the exit code: 0 if the script ran as it should.

    `production`: use the database that the other commands use.
    """
    lines = _lines(script) if script else []
    trying_out = not (production or settings.database_url)
    if trying_out:
        await _bring_over(settings, notes)
        settings = settings.trying_out
    screen = Screen(recorder() if svg else terminal())
    async with at_console(settings, screen, samples=trying_out) as (parts, surface):
        if trying_out:
            await load_samples(parts, notes)
        await _say_where(parts, settings, notes, trying_out=trying_out)
        await parts.library.refresh()
        summaries = {command.name: command.summary for command in COMMANDS}
        operator = Operator(partial(_take_in, parts, notes), partial(_post_today, parts))
        person = "you" if script else None
        session = ConsoleSession(
            parts.bot.receive, surface, summaries, parts.tally_updates.settle, operator, person=person
        )
        if script is None:
            await _talk(parts, session, settings)
            return 0
        code = await session.run_script(lines, str(script))
    if svg is not None:
        _draw(svg, screen)
    return code


async def _bring_over(settings: Settings, notes: Console) -> None:
    """Copy what people tried out before `chat` had a file of its own. The old file stays."""
    before, own = settings.database_file, settings.trying_out.database_file
    if before is None or own is None or own.exists() or not await holds_only_samples(before):
        return
    record = console_record(settings)
    if record.exists():
        # Before the database file: if that one exists, the copy counts as complete.
        shutil.copy2(record, console_record(settings.trying_out))
    await back_up(before, own)
    notes.print(f"What you tried out before is here too, copied from {before}.", style="dim")


async def _say_where(parts: Parts, settings: Settings, notes: Console, *, trying_out: bool) -> None:
    where = settings.database_file or "the one that PAPERCLUB_DATABASE_URL names"
    if trying_out:
        intro = (
            f"This is for trying out, in a file of its own: {where}. Take papers in with `/import FILE`. "
            "`paperclub chat --production` talks to the database that `run`, `fetch` and `import` use."
        )
    else:
        intro = f"This is the bot's own database: {where}. It has no samples."
        async with parts.store.reading() as tx:
            if await tx.papers.count() == 0:
                intro += " There are no papers yet: take some in with `/import FILE` or `paperclub fetch`."
    notes.print(intro, style="dim")


async def _talk(parts: Parts, session: ConsoleSession, settings: Settings) -> None:
    # Loading slows everything else down. Whoever types at once gets an answer first.
    asyncio.get_running_loop().call_later(WARM_AFTER, parts.embedder.warm)
    async with asyncio.TaskGroup() as group:
        working = group.create_task(parts.worker.run())
        await session.run(settings.data_dir / "typed")
        working.cancel()


async def _take_in(parts: Parts, notes: Console, file: str) -> str:
    path = Path(file).expanduser()
    report = await import_file(parts, path, notes)
    return "\n".join([f"{path.name}: {report.text}", *report.lines()])


async def _post_today(parts: Parts, channel: str) -> str:
    return "\n".join(await post_todays(parts, channel))


def _lines(script: Path) -> list[str]:
    try:
        return script.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The script {script} cannot be read: {error}") from None


def _draw(svg: Path, screen: Screen) -> None:
    try:
        svg.write_text(to_svg(screen.console, "paperclub"), encoding="utf-8")
    except OSError as error:
        raise UserError(f"The picture {svg} cannot be written: {error.strerror}") from None
