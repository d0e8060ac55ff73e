"""Who people are and what channels are called: what events leave out."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

from cachetools import TTLCache

from adapters.slack.outbound.client import Clients, delivering
from bot.domain.channel import Origin
from bot.domain.errors import DeliveryError
from bot.domain.zones import timezone

KEPT_SECONDS = 600
"""How long what Slack told of somebody is believed."""
KEPT = 10_000
MEMBER_SECONDS = 60
"""As long somebody who has left a channel may still act there from the Home tab."""
MOST_PAGES = 5
_CHANNELS = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "999"}
ASKED_SECONDS = 1.0
"""Longer than that an event does not wait for a name."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What Slack tells of somebody."""

    name: str = ""
    admin: bool = False
    bot: bool = False
    timezone: str = ""


class People:
    """Asks Slack, and remembers for a while."""

    def __init__(self, clients: Clients) -> None:
        """Take the clients to ask with."""
        self._clients = clients
        self._people: TTLCache[tuple[str, str], Known] = TTLCache(KEPT, KEPT_SECONDS)
        self._memberships: TTLCache[tuple[str, str], frozenset[str]] = TTLCache(KEPT, MEMBER_SECONDS)
        self._channels: TTLCache[tuple[str, str], str] = TTLCache(KEPT, KEPT_SECONDS)

    async def person(self, workspace: str, person: str) -> Known:
        """Say who somebody is; nothing is known where Slack does not tell in time."""
        if (found := self._people.get((workspace, person))) is not None:
            return found
        user = await self._asked(workspace, "users_info", user=person)
        if user is None:
            return Known()
        told = user["user"]
        known = Known(
            (told.get("profile") or {}).get("display_name") or told.get("real_name") or told.get("name", ""),
            admin=bool(told.get("is_admin") or told.get("is_owner")),
            bot=bool(told.get("is_bot")),
            timezone=_known_zone(told.get("tz") or ""),
        )
        self._people[workspace, person] = known
        return known

    async def channel_name(self, workspace: str, channel: str) -> str:
        """Give a channel's name with its `#`, empty where Slack does not tell it."""
        if (found := self._channels.get((workspace, channel))) is not None:
            return found
        told = await self._asked(workspace, "conversations_info", channel=channel)
        name = f"#{told['channel']['name']}" if told and told["channel"].get("name") else ""
        self._channels[workspace, channel] = name
        return name

    async def channels(self, workspace: str, person: str) -> frozenset[str] | None:
        """Give the channels that the bot sees somebody in; None where Slack does not tell in time."""
        if (found := self._memberships.get((workspace, person))) is not None:
            return found
        seen: set[str] = set()
        cursor = ""
        for _ in range(MOST_PAGES):
            told = await self._asked(
                workspace, "users_conversations", user=person, cursor=cursor, **_CHANNELS
            )
            if told is None:
                return None
            seen.update(each["id"] for each in told["channels"])
            cursor = (told.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        self._memberships[workspace, person] = frozenset(seen)
        return frozenset(seen)

    def renamed(self, workspace: str, channel: str) -> None:
        """Forget a name that is no longer true."""
        self._channels.pop((workspace, channel), None)

    async def named(self, origin: Origin) -> Origin:
        """Give an origin with the names, and whether the person is an admin."""
        known, channel_name = await asyncio.gather(
            self.person(origin.workspace, origin.person), self._name_of(origin)
        )
        return replace(
            origin,
            person_name=known.name or origin.person_name,
            channel_name=channel_name,
            admin=known.admin,
            timezone=known.timezone,
        )

    async def _name_of(self, origin: Origin) -> str:
        if origin.direct:
            return "your direct messages with me"
        return origin.channel_name or await self.channel_name(origin.workspace, origin.channel)

    async def _asked(self, workspace: str, method: str, **arguments: str) -> Any:
        try:
            async with asyncio.timeout(ASKED_SECONDS), delivering():
                client = await self._clients.reading(workspace)
                return await getattr(client, method)(**arguments)
        except (DeliveryError, TimeoutError) as failure:
            _log.info("%s was not answered: %s", method, failure)
            return None


def _known_zone(name: str) -> str:
    """A zone that Slack tells of, empty where it is none of ours."""
    try:
        return timezone(name)
    except ValueError:
        return ""
