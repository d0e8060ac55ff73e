"""`token`: let a program act as oneself, with a token that is shown once."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from bot.conversation.accounts import hash_of
from bot.conversation.command import Command, CommandContext
from bot.domain.api_token import ApiToken, Scope
from bot.domain.errors import UserError
from bot.protocol import values
from bot.protocol.arguments import Parameter, cut
from bot.protocol.replies import Notice, Reply, Tone
from bot.protocol.wording import counted, day_text

PREFIX = "pc_"
"""What every token begins with, so that people and scanners for secrets recognise one."""
MOST_TOKENS = 20
LIFETIME_DAYS = 365
OFF = ("off",)
_NAME = re.compile(r"[\w.-]{1,40}")


def _name(raw: str) -> str:
    if not _NAME.fullmatch(raw):
        raise ValueError("it takes one word of at most 40 letters, digits, dots and dashes.")
    return raw


def _scopes(raw: str) -> frozenset[Scope]:
    """Scopes with commas between them. Whoever may change something may read it as well."""
    words = {word for word in re.split(r"[,\s]+", raw.strip().lower()) if word}
    if not words or not words <= set(Scope):
        raise ValueError("it takes read or read,write.")
    return frozenset({Scope.READ, *map(Scope, words)})


NAME = Parameter("token", _name, "what you call the token", "laptop", positional=True)
SWITCH = Parameter("switch", values.one_of(OFF), "ends the token", "off", positional=True, choices=OFF)
SCOPES = Parameter("scopes", _scopes, "what it allows: read, or read,write", "read,write", repeatable=True)
DAYS = Parameter("days", values.WholeNumber(1, 3650), "for how many days it lasts", "90")


async def handle(ctx: CommandContext) -> Reply:
    """List the person's tokens, make one or end one."""
    name = ctx.arguments.get(NAME)
    if name is None:
        return await _list(ctx)
    if ctx.arguments.get(SWITCH):
        return await _end(ctx, name)
    return await _make(ctx, name)


async def _make(ctx: CommandContext, name: str) -> Reply:
    token = PREFIX + secrets.token_urlsafe(32)
    scopes = ctx.arguments.get(SCOPES) or frozenset({Scope.READ})
    days = ctx.arguments.get(DAYS) or LIFETIME_DAYS
    async with ctx.services.store.writing() as tx:
        if len(await tx.api_tokens.of_person(ctx.context)) >= MOST_TOKENS:
            raise UserError(f"You have {MOST_TOKENS} tokens. End one first: `token NAME off`.")
        expires = ctx.now + timedelta(days=days)
        if not await tx.api_tokens.add(
            ctx.context, name, hash_of(token), scopes=scopes, now=ctx.now, expires=expires
        ):
            raise UserError(
                f"You have a token {name} already. End it with `token {name} off`, or choose another name."
            )
    return Notice(
        f"Your token {name} is {token}. It can {_allowed(scopes)} as you, for {counted(days, 'day')}.",
        Tone.DONE,
        f"I show it this once: copy it now, and tell nobody. `token {name} off` ends it.",
    )


async def _end(ctx: CommandContext, name: str) -> Reply:
    async with ctx.services.store.writing() as tx:
        if await tx.api_tokens.end(ctx.context, name):
            return Notice(f"The token {name} no longer works.", Tone.DONE)
    raise UserError(f"You have no token “{cut(name)}”. See yours with `token`.")


async def _list(ctx: CommandContext) -> Reply:
    async with ctx.services.store.reading() as tx:
        tokens = await tx.api_tokens.of_person(ctx.context)
    if not tokens:
        return Notice(
            "You have no tokens. With one, a program can ask me as you.", hint="Make one: `token laptop`."
        )
    lines = [f"You have {counted(len(tokens), 'token')}:", *(_line(ctx, each) for each in tokens)]
    return Notice("\n".join(lines), hint="`token NAME off` ends one.")


def _line(ctx: CommandContext, token: ApiToken) -> str:
    used = f"last used {day_text(token.last_used)}" if token.last_used else "not used yet"
    end = "ended" if token.expires <= ctx.now else "until"
    return f"{token.name}: {_allowed(token.scopes)} · {used} · {end} {day_text(token.expires)}"


def _allowed(scopes: Sequence[Scope] | frozenset[Scope]) -> str:
    return " and ".join(sorted(scopes))


TOKEN = Command(
    "token",
    "Let a program read or change things as you",
    handle,
    (NAME, SWITCH, SCOPES, DAYS),
    ("token", "token laptop", "token agent scopes:read,write days:90", "token laptop off"),
    private=True,
    changes=True,
)
