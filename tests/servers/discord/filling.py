"""What people fill in: the options of commands and the inputs of modals, only as they really are."""

from typing import Any

from tests.servers.discord.bodies import channel_body, member_body, user_body
from tests.servers.discord.bodies_guilds import role_body
from tests.servers.discord.choices import fits
from tests.servers.discord.components import SELECTS, TEXT_INPUT, TEXT_SELECT, inside
from tests.servers.discord.state import World

SUBCOMMAND, GROUP, TEXT, WHOLE, TRUTH, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)
POINTS = {USER: "users", CHANNEL: "channels", ROLE: "roles", MENTIONABLE: "users roles"}
SELECT_POINTS = {5: "users", 6: "roles", 7: "users roles", 8: "channels"}

Body = dict[str, Any]


def filled_options(
    world: World, guild: int | None, known: Body, path: list[str], given: Body, *, focus: str | None = None
) -> Body:
    """The options of a command as Discord sends them, inside those of its group and subcommand."""
    inner = known
    chain: list[Body] = []
    for word in path:
        found = [
            one
            for one in inner.get("options", [])
            if one["name"] == word and one["type"] in {SUBCOMMAND, GROUP}
        ]
        if not found:
            raise LookupError(f"no subcommand {word!r}")
        inner = found[0]
        chain.append(inner)
    declared = inner.get("options", [])
    if any(one["type"] in {SUBCOMMAND, GROUP} for one in declared):
        raise LookupError("a command with subcommands cannot be used itself")
    check_names(declared, given, focus)
    options = [filled(one, given[one["name"]], focus) for one in declared if one["name"] in given]
    data: Body = {}
    pointed = [
        (one, str(given[one["name"]])) for one in declared if one["type"] in POINTS and one["name"] in given
    ]
    if pointed:
        data["resolved"] = pointed_at(world, guild, [(POINTS[one["type"]], made) for one, made in pointed])
    for one in reversed(chain):
        options = [{"name": one["name"], "type": one["type"], "options": options}]
    return {**data, "options": options}


def check_names(declared: list[Body], given: Body, focus: str | None) -> None:
    """Only known options can be given, and all that are required have to be, except while one is typed."""
    if strange := given.keys() - {one["name"] for one in declared}:
        raise LookupError(f"no option {sorted(strange)}")
    missing = [one["name"] for one in declared if one.get("required") and one["name"] not in given]
    if missing and focus is None:
        raise LookupError(f"required: {missing}")
    if focus is not None and not any(one.get("autocomplete") for one in declared if one["name"] == focus):
        raise LookupError(f"{focus!r} has no suggestions")


def filled(declared: Body, value: Any, focus: str | None) -> Body:
    kind, name = declared["type"], declared["name"]
    option = {"name": name, "type": kind, "value": str(value) if kind in POINTS else value}
    if name == focus:
        return {**option, "focused": True}
    good = isinstance(value, bool) if kind == TRUTH else kind in POINTS or fits(kind, value)
    if not good:
        raise LookupError(f"{name!r} takes something else than {value!r}")
    if declared.get("choices") and value not in {one["value"] for one in declared["choices"]}:
        raise LookupError(f"{value!r} is no choice of {name!r}")
    size = len(value) if kind == TEXT else value
    bounds = ("min_length", "max_length") if kind == TEXT else ("min_value", "max_value")
    least, most = (declared.get(bound) for bound in bounds)
    if (least is not None and size < least) or (most is not None and size > most):
        raise LookupError(f"{value!r} is out of bounds for {name!r}")
    return option


def pointed_at(world: World, guild_id: int | None, pointers: list[tuple[str, str]]) -> Body:
    """The people, roles and channels that are pointed at."""
    told: Body = {}
    guild = world.guilds.get(guild_id or 0)
    for kinds, made in pointers:
        found = False
        if "users" in kinds and (person := world.people.get(int(made))):
            told.setdefault("users", {})[made] = user_body(person)
            if guild is not None and person.id in guild.members:
                member = member_body(world, guild.members[person.id], user=False)
                told.setdefault("members", {})[made] = {**member, "permissions": "0"}
            found = True
        if "roles" in kinds and guild is not None and int(made) in guild.roles:
            told.setdefault("roles", {})[made] = role_body(guild.roles[int(made)], guild)
            found = True
        if "channels" in kinds and guild is not None and int(made) in guild.channels:
            channel = channel_body(world, guild.channels[int(made)])
            told.setdefault("channels", {})[made] = {**channel, "permissions": "0"}
            found = True
        if not found:
            raise LookupError(f"nothing is {made}")
    return told


def resolved(world: World, guild: int | None, kind: int, chosen: list[str]) -> Body:
    """What a select that is no list of texts sends with the ids."""
    return pointed_at(world, guild, [(SELECT_POINTS[kind], made) for made in chosen])


def filled_modal(world: World, guild: int | None, modal: Body, values: Body) -> Body:
    """A modal as Discord sends it back."""
    inputs = {one["custom_id"]: one for one in inside(modal["components"]) if "custom_id" in one}
    if strange := values.keys() - inputs.keys():
        raise LookupError(f"no input {sorted(strange)}")
    answers = {name: filled_input(one, values.get(name)) for name, one in inputs.items()}
    data: Body = {"custom_id": modal["custom_id"], "components": []}
    for one in modal["components"]:
        told = {"type": one["type"], "id": one["id"]}
        if "component" in one:
            told["component"] = answers[one["component"]["custom_id"]]
        elif "components" in one:
            told["components"] = [answers[each["custom_id"]] for each in one["components"]]
        data["components"].append(told)
    pointers = [
        (SELECT_POINTS[one["type"]], made)
        for one in answers.values()
        if one["type"] in SELECT_POINTS
        for made in one["values"]
    ]
    return {**data, "resolved": pointed_at(world, guild, pointers)} if pointers else data


def filled_input(declared: Body, value: Any) -> Body:
    told: Body = {"type": declared["type"], "id": declared["id"], "custom_id": declared["custom_id"]}
    required = declared.get("required") is not False
    if declared["type"] == TEXT_INPUT:
        text = declared.get("value", "") if value is None else value
        least = declared.get("min_length") or (1 if required else 0)
        long_enough = len(text) >= least or (not required and not text)
        if not long_enough or len(text) > (declared.get("max_length") or 4000):
            raise LookupError(f"{text!r} cannot be sent as {declared['custom_id']!r}")
        return {**told, "value": text}
    assert declared["type"] in SELECTS
    chosen = [str(one) for one in value or []]
    if len(chosen) > (declared.get("max_values") or 1) or (required and not chosen):
        raise LookupError(f"{len(chosen)} cannot be chosen for {declared['custom_id']!r}")
    if declared["type"] == TEXT_SELECT and not set(chosen) <= {one["value"] for one in declared["options"]}:
        raise LookupError(f"not offered: {chosen}")
    return {**told, "values": chosen}
