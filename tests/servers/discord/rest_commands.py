"""Registering commands: https://docs.discord.com/developers/interactions/application-commands#endpoints."""

from collections.abc import Mapping
from typing import Any

from tests.servers.discord.calls import Call
from tests.servers.discord.commands import SLASH, CommandCheck, check_set
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Problems
from tests.servers.discord.state import APP, World

Body = dict[str, Any]
KEPT = (
    "name",
    "description",
    "options",
    "type",
    "name_localizations",
    "description_localizations",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "nsfw",
)


def guild_of(call: Call) -> int | None:
    """The guild in the path, if any; only this app's commands are this bot's to change."""
    if call.id("application_id") != APP:
        raise DiscordError(20012)
    if "guild_id" not in call.parts:
        return None
    guild_id = call.id("guild_id")
    if guild_id not in {guild.id for guild in call.world.bots_guilds()}:
        raise DiscordError(50001)
    return guild_id


def registered(world: World, guild: int | None) -> list[Body]:
    wanted = None if guild is None else str(guild)
    return [one for one in world.commands.values() if one.get("guild_id") == wanted]


def checking(call: Call, guild: int | None, problems: Problems) -> CommandCheck:
    return CommandCheck(problems, everywhere=guild is None, installs=call.world.installs)


def count_new(world: World, guild: int | None, new: int) -> None:
    """Refuse what would be more than 200 new commands of a scope in a day; known names are no new ones.

    https://docs.discord.com/developers/interactions/application-commands#registering-a-command
    """
    now, day = world.clock(), limit("commands.created.seconds")
    made = world.created[guild] = [then for then in world.created[guild] if now - then < day]
    if new and len(made) + new > limit("commands.created"):
        raise DiscordError(30034, retry_after=day - (now - made[0]) if made else day)
    made += [now] * new


def whole_command(world: World, given: Mapping[str, Any], guild: int | None, made: int) -> Body:
    """A command as Discord gives it back."""
    permissions = given.get("default_member_permissions")
    body: Body = {
        "id": str(made),
        "application_id": str(APP),
        "version": str(world.id()),
        "type": SLASH,
        "description": "",
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        **{name: given[name] for name in KEPT if given.get(name) is not None},
        "default_member_permissions": None if permissions is None else str(permissions),
    }
    if guild is not None:
        body["guild_id"] = str(guild)
    return body


async def overwrite(call: Call) -> list[Body]:
    """Replace all commands; one of a known name keeps its id."""
    guild, problems = guild_of(call), Problems()
    given = problems.items({"": call.body}, "", (0, 130), ()) if isinstance(call.body, list) else None
    if given is None:
        problems.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    check = checking(call, guild, problems)
    for number, one in enumerate(given or []):
        check.run(one, (number,))
    check_set(given or [], problems)
    problems.refuse()
    known = {(one["type"], one["name"]): int(one["id"]) for one in registered(call.world, guild)}
    named = [(one.get("type", SLASH), one["name"]) for one in given or []]
    count_new(call.world, guild, sum(each not in known for each in named))
    for one in registered(call.world, guild):
        del call.world.commands[int(one["id"])]
    for one in given or []:
        made = known.get((one.get("type", SLASH), one["name"])) or call.world.id()
        call.world.commands[made] = whole_command(call.world, one, guild, made)
    return registered(call.world, guild)


async def create(call: Call) -> Body:
    """Register one; one of the same name and kind is replaced."""
    guild, given, problems = guild_of(call), call.fields(), Problems()
    checking(call, guild, problems).run(given, ())
    problems.refuse()
    kind, others = given.get("type", SLASH), registered(call.world, guild)
    same = [one for one in others if (one["type"], one["name"]) == (kind, given["name"])]
    most = {1: "slash", 2: "user", 3: "message"}[kind]
    if not same and sum(one["type"] == kind for one in others) >= limit(f"commands.{most}"):
        raise DiscordError(30032)
    count_new(call.world, guild, 0 if same else 1)
    call.status = 200 if same else 201
    made = int(same[0]["id"]) if same else call.world.id()
    call.world.commands[made] = whole_command(call.world, given, guild, made)
    return call.world.commands[made]


async def list_all(call: Call) -> list[Body]:
    return registered(call.world, guild_of(call))


def known(call: Call) -> Body:
    guild = guild_of(call)
    one = call.world.commands.get(call.id("command_id"))
    if one is None or one not in registered(call.world, guild):
        raise DiscordError(10063)
    return one


async def get(call: Call) -> Body:
    return known(call)


async def edit(call: Call) -> Body:
    one, given, problems = known(call), call.fields(), Problems()
    checking(call, guild_of(call), problems).run({**given, "type": one["type"]}, (), partial=True)
    changed = {**one, **given, "type": one["type"]}
    others = [each for each in registered(call.world, guild_of(call)) if each is not one]
    check_set([*others, changed], problems)
    problems.refuse()
    made = int(one["id"])
    guild = int(one["guild_id"]) if "guild_id" in one else None
    call.world.commands[made] = whole_command(call.world, changed, guild, made)
    return call.world.commands[made]


async def delete(call: Call) -> None:
    del call.world.commands[int(known(call)["id"])]


HANDLERS = {
    "PUT {}": overwrite,
    "POST {}": create,
    "GET {}": list_all,
    "GET {}/{{command_id}}": get,
    "PATCH {}/{{command_id}}": edit,
    "DELETE {}/{{command_id}}": delete,
}
PLACES = (
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)
COMMANDS = {route.format(place): handler for route, handler in HANDLERS.items() for place in PLACES}
