"""`paperclub mcp`: tools for an agent on this computer, which acts as whoever sits at the console."""

import logging

from adapters.common.programs.callers import Caller, ProgramDoor
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.user import ConsoleUser, login_name
from adapters.mcp.adapter import McpServer
from app.console import at_console
from app.logs import log_to_stderr
from app.settings import Settings
from app.wiring import Parts
from bot.commands import COMMANDS
from bot.domain.account import Membership
from bot.domain.api_token import Scope


async def serve_stdio(settings: Settings, *, write: bool) -> int:
    """Answer until the standard input ends. On the standard output there is nothing but the protocol."""
    log_to_stderr(logging.WARNING)
    # What the console would show goes nowhere: an agent reads this output.
    async with at_console(settings, Screen(recorder())) as (parts, _):
        await parts.library.refresh()
        door = ProgramDoor(parts.bot, parts.services, parts.limiter)
        caller = Caller(await _operator(parts), frozenset(Scope) if write else frozenset({Scope.READ}))
        await McpServer(door, COMMANDS, parts.services.public_url).serve_stdio(caller)
        await parts.tally_updates.settle()
    return 0


async def _operator(parts: Parts) -> Membership:
    """Return who sits at the console, as `paperclub chat` knows them."""
    origin = ConsoleUser(login_name()).in_channel(None).origin
    async with parts.store.writing() as tx:
        context = await tx.directory.resolve(origin, parts.clock.now())
    return Membership(origin.platform, origin.workspace, context.person)
