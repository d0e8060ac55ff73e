"""Who a message calls: https://docs.discord.com/developers/resources/message#allowed-mentions-object."""

import re
from collections.abc import Mapping
from typing import Any

from tests.servers.discord.limits import limit
from tests.servers.discord.permissions import BITS, allowed
from tests.servers.discord.places import Channel, Pings
from tests.servers.discord.problems import Problems, snowflake
from tests.servers.discord.state import World

USER, ROLE, EVERYONE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>"), re.compile(r"@(everyone|here)\b")
KINDS = ("roles", "users", "everyone")


def check_allowed(body: Mapping[str, Any], problems: Problems) -> None:
    """Check `allowed_mentions`: a kind is named as a whole or by its ids, never both."""
    given, where = body.get("allowed_mentions"), ("allowed_mentions",)
    if given is None or not problems.is_object(given, where):
        return
    kinds = problems.items(given, "parse", (0, len(KINDS)), where)
    for number, kind in enumerate(kinds):
        problems.choice(kind, KINDS, (*where, "parse", number))
    for name in ("users", "roles"):
        if problems.ids(given, name, limit("mentions"), where) and name in kinds:
            said = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            problems.add(where, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", said)
    problems.truth(given, "replied_user", where)


def pings(world: World, channel: Channel, author: int, text: str, given: Mapping[str, Any] | None) -> Pings:
    """Who is really called: what stands in the text and is allowed; with nothing given all of it is."""
    guild = world.guild_of(channel)
    rules = {"parse": list(KINDS)} if given is None else given
    users = [int(each) for each in USER.findall(text)]
    roles = [int(each) for each in ROLE.findall(text)]
    may_call_all = bool(allowed(guild, channel, author) & BITS["MENTION_EVERYONE"])
    everyone = bool(EVERYONE.search(text)) and may_call_all and guild is not None
    known_roles = guild.roles if guild else {}
    callable_roles = [
        each for each in roles if each in known_roles and (may_call_all or known_roles[each].mentionable)
    ]
    return Pings(
        unique(each for each in permitted(rules, "users", users) if each in world.people),
        unique(permitted(rules, "roles", callable_roles)),
        everyone and "everyone" in rules.get("parse", ()),
    )


def permitted(rules: Mapping[str, Any], name: str, found: list[int]) -> list[int]:
    if name in (rules.get("parse") or ()):
        return found
    named = {snowflake(each) for each in rules.get(name) or ()}
    return [each for each in found if each in named]


def unique(found: Any) -> list[int]:
    return list(dict.fromkeys(found))
