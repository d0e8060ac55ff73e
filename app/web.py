"""`paperclub web`: the page over the samples, on this computer alone, as one person who is signed in."""

import asyncio
import io
import logging

from rich.console import Console

from adapters.console import CONSOLE
from adapters.console.outbound.screen import Screen
from adapters.console.user import ConsoleUser, login_name
from app.console import at_console
from app.doors import web_page
from app.http.server import served
from app.intake import load_samples
from app.logs import log_to_stderr
from app.settings import Settings
from app.wiring import Parts

LOOPBACK = "127.0.0.1"


async def web(settings: Settings, port: int, notes: Console) -> int:
    """Show the page until interrupted. It has the data of `chat`, and nobody else can reach it."""
    log_to_stderr(logging.WARNING)
    trying_out = not settings.database_url
    settings = settings.trying_out if trying_out else settings
    # What is posted meanwhile goes into the file alone: this terminal shows where the page is.
    screen = Screen(Console(file=io.StringIO()))
    async with at_console(settings, screen, samples=trying_out) as (parts, _):
        if trying_out:
            await load_samples(parts, notes)
        await parts.library.refresh()
        user = ConsoleUser(login_name())
        routes = web_page(
            settings.model_copy(update={"public_url": ""}), parts, await account_of(parts, user)
        )
        async with served(LOOPBACK, port, routes) as at:
            notes.print(f"The page is at http://{LOOPBACK}:{at}/ and you are signed in as {user.person}.")
            notes.print("Stop with Ctrl-C.", style="dim")
            parts.embedder.warm()
            await asyncio.Event().wait()
    return 0


async def account_of(parts: Parts, user: ConsoleUser) -> int:
    """Return the account of the person at the console, who is created where there is none."""
    origin, now = user.in_channel(None).origin, parts.clock.now()
    async with parts.store.writing() as tx:
        await tx.directory.resolve(origin, now)
        identity = parts.accounts.identity(CONSOLE, origin.workspace, user.person, user.person)
        return await tx.accounts.ensure(identity, now)
