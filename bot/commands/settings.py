"""`settings`: what a channel has chosen."""

from dataclasses import replace

from bot import values
from bot.arguments import Arguments, Parameter
from bot.command import Call, Command
from bot.models import Changers, ChannelSettings, Layout
from bot.parameters import POST_AT, TIMEZONE
from bot.permissions import require_changer
from bot.replies import Reply, SettingsCard

LAYOUT = Parameter(
    "layout",
    values.one_of(tuple(Layout)),
    "how a daily post's papers follow it: in its thread, flat in the channel, or broadcast to both",
    "threaded",
)
CHANGERS = Parameter(
    "changes",
    values.one_of(tuple(Changers)),
    "who may change settings and subscriptions: anyone or admins",
    "admins",
)


async def handle(call: Call) -> Reply:
    """Show the settings, after changing those that were given."""
    async with call.services.store.writing() as tx:
        await tx.schedule.hold(call.here.channel.id)
        channel = await tx.directory.channel(call.here.channel.id)
        wanted = _changed(call.arguments, channel.settings)
        changed = wanted != channel.settings
        if changed:
            require_changer(replace(call.here, channel=channel))
            await tx.directory.change_settings(channel.id, wanted)
    before = channel.settings
    retimed = (wanted.post_at, wanted.timezone) != (before.post_at, before.timezone)
    note = "Existing subscriptions keep their own time." if retimed else ""
    return SettingsCard(channel.name, wanted, changed=changed, note=note)


def _changed(given: Arguments, settings: ChannelSettings) -> ChannelSettings:
    """The settings with those in place that were given."""
    layout, changers = given.get(LAYOUT), given.get(CHANGERS)
    return replace(
        settings,
        timezone=given.get(TIMEZONE) or settings.timezone,
        post_at=settings.post_at if (at := given.get(POST_AT)) is None else at,
        layout=Layout(layout) if layout else settings.layout,
        changers=Changers(changers) if changers else settings.changers,
    )


SETTINGS = Command(
    "settings",
    "Show or change this channel's settings",
    handle,
    (TIMEZONE, POST_AT, LAYOUT, CHANGERS),
    ("settings", "settings tz:Europe/Paris at:09:00", "settings layout:flat changes:admins"),
    private=True,
    changes=True,
)
