"""`settings`: what a channel has chosen."""

from dataclasses import replace

from bot.conversation.command import Call, Command, Filled
from bot.conversation.parameters import POST_AT, TIMEZONE
from bot.domain.channel import Changers, ChannelSettings, Here, Layout, Links
from bot.domain.errors import UserError
from bot.domain.permissions import require_changer
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
CHANGERS = Parameter(
    "changes",
    values.one_of(tuple(Changers)),
    "who may change settings and subscriptions: anyone or admins",
    "admins",
    choices=tuple(Changers),
    label="Who may change this",
)
LINKS = Parameter(
    "links",
    values.one_of(tuple(Links)),
    "whether papers that people link to here are remembered and answered for: on or off",
    "on",
    choices=tuple(Links),
    label="Follow links to papers",
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
            if wanted.changers is Changers.ADMINS:
                _refuse_shutting_oneself_out(replace(call.here, channel=channel))
            await tx.directory.change_settings(channel.id, wanted)
    before = channel.settings
    retimed = (wanted.post_at, wanted.timezone) != (before.post_at, before.timezone)
    note = "Existing subscriptions keep their own time." if retimed else ""
    return SettingsCard(channel.name, wanted, changed=changed, note=note)


def _refuse_shutting_oneself_out(here: Here) -> None:
    if not (here.admin or here.channel.direct):
        raise UserError(
            f"Only an admin can keep settings to admins, and you are none in {here.channel.name}. "
            "Please ask one of them."
        )


def _changed(given: Arguments, settings: ChannelSettings) -> ChannelSettings:
    """The settings with those in place that were given."""
    layout, changers, links = given.get(LAYOUT), given.get(CHANGERS), given.get(LINKS)
    return replace(
        settings,
        timezone=given.get(TIMEZONE) or settings.timezone,
        post_at=settings.post_at if (at := given.get(POST_AT)) is None else at,
        layout=Layout(layout) if layout else settings.layout,
        changers=Changers(changers) if changers else settings.changers,
        links=Links(links) if links else settings.links,
    )


async def fill(call: Call, _subject: int | None) -> Filled:
    """Give what stands in the form: the settings as they are."""
    async with call.services.store.reading() as tx:
        channel = await tx.directory.channel(call.here.channel.id)
    require_changer(replace(call.here, channel=channel))
    settings = channel.settings
    written = {
        TIMEZONE.name: settings.timezone,
        POST_AT.name: f"{settings.post_at:%H:%M}",
        LAYOUT.name: settings.layout,
        CHANGERS.name: settings.changers,
        LINKS.name: settings.links,
    }
    return Filled(f"Settings of {channel.name}", written)


SETTINGS = Command(
    "settings",
    "Show or change this channel's settings",
    handle,
    (TIMEZONE, POST_AT, LAYOUT, CHANGERS, LINKS),
    (
        "settings",
        "settings tz:Europe/Paris at:09:00",
        "settings layout:flat changes:admins",
        "settings links:on",
    ),
    private=True,
    changes=True,
    fill=fill,
)
