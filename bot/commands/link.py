"""`link` and `unlink`: be one person over Slack, Discord and the web page."""

from collections.abc import Iterable

from bot.conversation.command import Command, CommandContext
from bot.domain.account import Identity
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply, Tone

YES = ("yes",)
CODE = Parameter(
    "code", values.text, "the code that `link` showed in the other app", "7KQM-3XWP", positional=True
)
CONFIRM = Parameter("confirm", values.one_of(YES), "yes: the code's owner is you", "yes", choices=YES)


async def handle_link(ctx: CommandContext) -> Reply:
    """Show a code, or link with the owner of one."""
    accounts = ctx.services.accounts
    identity = accounts.identity_of(ctx.context)
    code = ctx.arguments.get(CODE)
    if code is None:
        shown = await accounts.new_code(identity)
        return Notice(
            f"Your code is {shown}. It lasts ten minutes. {await _linked_with(ctx, identity)}".rstrip(),
            hint=f"In the other app, type `link {shown}`; or sign in with it on the web page. Tell nobody.",
        )
    owner = await accounts.owner_of(code)
    if not ctx.arguments.get(CONFIRM):
        return Notice(
            f"This is the code of {_named(owner)}.",
            Tone.WARNING,
            f"If that is you, type `link {code} confirm:yes`. If not, don't: they could then act as you.",
        )
    await accounts.redeem(code, identity)
    return Notice(
        f"You are linked. {await _linked_with(ctx, identity)}",
        Tone.DONE,
        "`unlink` undoes it.",
    )


async def handle_unlink(ctx: CommandContext) -> Reply:
    """Take this identity out of its account."""
    async with ctx.services.store.writing() as tx:
        if await tx.accounts.unlink(ctx.services.accounts.identity_of(ctx.context)):
            return Notice(
                "You are no longer linked here, and signed out of the web page everywhere.",
                Tone.DONE,
                "Your votes and your reading list stay with whoever made them.",
            )
    return Notice("You are not linked with anything.", hint="`link` shows a code to link with.")


async def _linked_with(ctx: CommandContext, identity: Identity) -> str:
    """Say what else an identity is linked with; empty if with nothing."""
    async with ctx.services.store.reading() as tx:
        account_id = await tx.accounts.find(identity)
        found = [] if account_id is None else await tx.accounts.identities(account_id)
    others = [
        each
        for each in found
        if (each.platform, each.external_id) != (identity.platform, identity.external_id)
        or each.workspace != identity.workspace
    ]
    return f"You are also {_all_named(others)}." if others else ""


def _all_named(identities: Iterable[Identity]) -> str:
    return " and ".join(map(_named, identities))


def _named(identity: Identity) -> str:
    return f"{identity.name or identity.external_id} on {identity.platform.capitalize()}"


LINK = Command(
    "link",
    "Be one person over Slack, Discord and the web page",
    handle_link,
    (CODE, CONFIRM),
    ("link", "link 7KQM-3XWP"),
    private=True,
    changes=True,
)
UNLINK = Command(
    "unlink",
    "Take yourself out of that link",
    handle_unlink,
    (),
    ("unlink",),
    private=True,
    changes=True,
)
