"""`settings`: show or change a channel's settings."""

from dataclasses import replace

from bot.conversation.command import Command, CommandContext, FormValues, ForPrograms
from bot.conversation.parameters import POST_AT, TIMEZONE
from bot.domain.channel import ChannelSettings, Context, EditPolicy, Layout, LinkFollowing
from bot.domain.errors import UserError
from bot.domain.permissions import require_editor
from bot.protocol import values
from bot.protocol.arguments import Arguments, Parameter
from bot.protocol.replies import Reply, SettingsCard

LAYOUT = Parameter(
    "layout",
    values.one_of(tuple(Layout)),
    "how a daily post's papers follow it: in its thread, flat in the channel, or broadcast to both",
    "threaded",
    choices=tuple(Layout),
    label="How its papers follow it",
)
EDIT_POLICY = Parameter(
    "changes",
    values.one_of(tuple(EditPolicy)),
    "who may change settings and subscriptions: anyone or admins",
    "admins",
    choices=tuple(EditPolicy),
    label="Who may change this",
)
LINKS = Parameter(
    "links",
    values.one_of(tuple(LinkFollowing)),
    "whether papers that people link to here are remembered and answered for: on or off",
    "on",
    choices=tuple(LinkFollowing),
    label="Follow links to papers",
)


async def handle(ctx: CommandContext) -> Reply:
    """Change the settings that were given, and show them all."""
    async with ctx.services.store.writing() as tx:
        # Read under the lock: two admins may change settings at once, and neither change may be lost.
        await tx.schedule.lock_channels(ctx.context.channel.id)
        channel = await tx.directory.channel(ctx.context.channel.id)
        settings = _changed(ctx.arguments, channel.settings)
        changed = settings != channel.settings
        if changed:
            require_editor(replace(ctx.context, channel=channel))
            if settings.edit_policy is EditPolicy.ADMINS:
                _refuse_locking_oneself_out(replace(ctx.context, channel=channel))
            await tx.directory.change_settings(channel.id, settings)
    before = channel.settings
    retimed = (settings.post_at, settings.timezone) != (before.post_at, before.timezone)
    note = "Existing subscriptions keep their own time." if retimed else ""
    return SettingsCard(channel.name, settings, changed=changed, note=note)


def _refuse_locking_oneself_out(context: Context) -> None:
    if not (context.admin or context.channel.direct):
        raise UserError(
            f"Only an admin can keep settings to admins, and you are none in {context.channel.name}. "
            "Please ask one of them."
        )


def _changed(given: Arguments, settings: ChannelSettings) -> ChannelSettings:
    """Return the settings, with the given ones replaced."""
    layout, edit_policy, links = given.get(LAYOUT), given.get(EDIT_POLICY), given.get(LINKS)
    return replace(
        settings,
        timezone=given.get(TIMEZONE) or settings.timezone,
        post_at=settings.post_at if (at := given.get(POST_AT)) is None else at,
        layout=Layout(layout) if layout else settings.layout,
        edit_policy=EditPolicy(edit_policy) if edit_policy else settings.edit_policy,
        link_following=LinkFollowing(links) if links else settings.link_following,
    )


async def fill(ctx: CommandContext, _subject: int | None) -> FormValues:
    """Return the form's values: the current settings."""
    async with ctx.services.store.reading() as tx:
        channel = await tx.directory.channel(ctx.context.channel.id)
    require_editor(replace(ctx.context, channel=channel))
    settings = channel.settings
    current = {
        TIMEZONE.name: settings.timezone,
        POST_AT.name: f"{settings.post_at:%H:%M}",
        LAYOUT.name: settings.layout,
        EDIT_POLICY.name: settings.edit_policy,
        LINKS.name: settings.link_following,
    }
    return FormValues(f"Settings of {channel.name}", current)


SETTINGS = Command(
    "settings",
    "Show or change this channel's settings",
    handle,
    (TIMEZONE, POST_AT, LAYOUT, EDIT_POLICY, LINKS),
    (
        "settings",
        "settings tz:Europe/Paris at:09:00",
        "settings layout:flat changes:admins",
        "settings links:on",
    ),
    private=True,
    changes=True,
    fill=fill,
    programs=ForPrograms.BOTH,
)
