"""`paperclub chat`: the bot at the console."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

from rich.console import Console

from adapters.console.picture import to_svg
from adapters.console.screen import Screen, recorder, terminal
from adapters.console.session import ConsoleSession, Operator
from app.console import at_console
from app.intake import import_file, load_samples
from app.posting import post_todays
from app.settings import Settings
from app.wiring import Parts
from bot.commands import COMMANDS
from bot.errors import UserError


async def chat(settings: Settings, script: Path | None, svg: Path | None, notes: Console) -> int:
    """Open a session, or replay a script; the exit code is 0 where all came as expected."""
    lines = _lines(script) if script else []
    screen = Screen(recorder() if svg else terminal())
    async with at_console(settings, screen) as (parts, surface):
        await load_samples(parts, notes)
        await parts.library.refresh()
        summaries = {command.name: command.summary for command in COMMANDS}
        operator = Operator(partial(_take_in, parts, notes), partial(_post_today, parts))
        person = "you" if script else None
        session = ConsoleSession(
            parts.bot.receive, surface, summaries, parts.voting.settle, operator, person=person
        )
        if script is None:
            await _talk(parts, session, settings)
            return 0
        code = await session.run_script(lines, str(script))
    if svg is not None:
        _draw(svg, screen)
    return code


async def _talk(parts: Parts, session: ConsoleSession, settings: Settings) -> None:
    parts.embedder.warm()
    working = asyncio.create_task(parts.worker.run())
    try:
        await session.run(settings.data_dir / "typed")
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


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
