import pytest

from tests.servers.discord.samples import command, parameter
from tests.servers.discord.state import APP, BOT, GUILD, OTHER_GUILD

GLOBAL, LOCAL = f"/applications/{APP}/commands", f"/applications/{APP}/guilds/{GUILD}/commands"
REQUIRED, TYPE = "BASE_TYPE_REQUIRED", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
NAME, LENGTH = "APPLICATION_COMMAND_INVALID_NAME", "BASE_TYPE_BAD_LENGTH"
ORDER = "APPLICATION_COMMAND_OPTIONS_MIN_ABOVE_MAX"
INSTALL = "APPLICATION_COMMAND_INTEGRATION_TYPE_UNSUPPORTED"
NOT_UNIQUE = "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE"


def choice(number=0, **more):
    return {"name": f"Kettle {number}", "value": f"kettle-{number}", **more}


def menu(**more):
    return {"type": 3, "name": "Boil this", **more}


@pytest.mark.parametrize("place", [GLOBAL, LOCAL])
async def test_commands_are_registered_read_changed_and_deleted(server, api, refused, place):
    status, made = await api("POST", place, json=command(parameter(required=True)))
    assert (status, made["name"], made["type"], made["application_id"]) == (201, "boil", 1, str(APP))
    assert made.get("guild_id") == (str(GUILD) if place == LOCAL else None)
    one = f"{place}/{made['id']}"
    assert (await api("POST", place, json=command()))[1]["id"] == made["id"]
    assert (await api("GET", one))[1]["options"] == []
    changed = (await api("PATCH", one, json={"description": "Heat it"}))[1]
    assert (changed["name"], changed["description"]) == ("boil", "Heat it")
    assert (await api("GET", place))[1] == [changed]
    assert (await refused("PATCH", one, json={"name": "Boil"}))[0] == 50035
    assert (await api("DELETE", one))[0] == 204
    assert (await refused("GET", one))[0] == 10063
    assert server.world.commands == {}


async def test_all_are_replaced_together(api, refused):
    first = (await api("PUT", GLOBAL, json=[command(), menu()]))[1]
    second = (await api("PUT", GLOBAL, json=[command(parameter()), command(name="pour")]))[1]
    assert [one["name"] for one in second] == ["boil", "pour"]
    assert first[0]["id"] == second[0]["id"]
    found = await refused("PUT", GLOBAL, json=[command(), command()])
    assert found == (50035, [("1", "APPLICATION_COMMANDS_DUPLICATE_NAME")])
    found = await refused("PUT", GLOBAL, json=[command(), command(name="Pour")])
    assert found == (50035, [("1.name", NAME)])
    assert (await refused("PUT", GLOBAL, json=command()))[0] == 50035
    assert len((await api("GET", GLOBAL))[1]) == 2
    assert (await api("PUT", GLOBAL, json=[]))[1] == []


async def test_so_many_and_no_more(api, refused):
    every = [command(name=f"boil{number}") for number in range(100)]
    assert (await api("PUT", LOCAL, json=[*every, *[menu(name=f"Boil {number}") for number in range(15)]]))[
        0
    ] == 200
    assert (await refused("POST", LOCAL, json=command()))[0] == 30032
    assert (await api("POST", LOCAL, json=every[0]))[0] == 200
    assert (await refused("POST", LOCAL, json=menu()))[0] == 30032
    assert (await refused("PUT", LOCAL, json=[*every, command()]))[0] == 50035


async def test_only_its_own_app_and_its_own_guilds(api, refused):
    assert (await refused("GET", f"/applications/{BOT}/commands"))[0] == 20012
    assert (await refused("PUT", f"/applications/{APP}/guilds/{OTHER_GUILD}/commands", json=[]))[0] == 50001
    made = (await api("POST", LOCAL, json=command()))[1]
    assert (await refused("GET", f"{GLOBAL}/{made['id']}"))[0] == 10063


GROUPED = command(
    parameter(
        2, "hot", options=[parameter(1, "tea", options=[parameter(required=True), parameter(4, "cups")])]
    ),
    parameter(1, "cold"),
)


@pytest.mark.parametrize(
    "body",
    [
        command(*[parameter(name=f"p{number}") for number in range(25)]),
        command(parameter(choices=[choice(number) for number in range(25)])),
        command(parameter(4, min_value=1, max_value=5, choices=[choice(value=1)])),
        command(parameter(10, min_value=0.5, choices=[choice(value=0.5)])),
        command(parameter(min_length=0, max_length=6000, autocomplete=True)),
        command(parameter(7, channel_types=[0]), *[parameter(kind, f"p{kind}") for kind in (5, 6, 8, 9, 11)]),
        GROUPED,
        command(name="über-1_2", description="x" * 100, name_localizations={"de": "kochen", "fr": None}),
        command(
            name="湯", contexts=[0, 1], integration_types=[0], default_member_permissions="32", nsfw=False
        ),
        menu(name="Boil It, NOW"),
        menu(description="", type=2),
    ],
)
async def test_good_commands_are_taken(api, body):
    assert (await api("POST", GLOBAL, json=body))[0] == 201


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"description": "x"}, "name", REQUIRED),
        ({"name": "boil"}, "description", REQUIRED),
        (command(name="Boil"), "name", NAME),
        (command(name="boil it"), "name", NAME),
        (command(name="x" * 33), "name", NAME),
        (command(name="tea!"), "name", NAME),
        (command(parameter(4, min_value=2, max_value=1)), "options.0.min_value", ORDER),
        (command(parameter(10, min_value=0.5, max_value=0)), "options.0.min_value", ORDER),
        (command(parameter(min_length=2, max_length=1)), "options.0.min_length", ORDER),
        (command(contexts=[0, 0]), "contexts.1", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
        (command(contexts=[0, 2]), "contexts.1", "APPLICATION_COMMAND_CONTEXT_INVALID"),
        (command(integration_types=[1]), "integration_types.0", INSTALL),
        (command(description=""), "description", REQUIRED),
        (command(description="x" * 101), "description", LENGTH),
        (command(type=4), "type", "BASE_TYPE_CHOICES"),
        (command(options="x"), "options", "LIST_TYPE_CONVERT"),
        (command(*[parameter(name=f"p{number}") for number in range(26)]), "options", LENGTH),
        (command(parameter(12)), "options.0.type", "BASE_TYPE_CHOICES"),
        (command({"type": 3, "name": "x"}), "options.0.description", REQUIRED),
        (command(parameter(name="Tea")), "options.0.name", NAME),
        (command(parameter(description="x" * 101)), "options.0.description", LENGTH),
        (command(parameter(), parameter()), "options.1.name", NOT_UNIQUE),
        (
            command(parameter(), parameter(name="x", required=True)),
            "options.1",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (command(parameter(required="yes")), "options.0.required", "BOOLEAN_TYPE_CONVERT"),
        (command(parameter(choices=[choice(n) for n in range(26)])), "options.0.choices", LENGTH),
        (command(parameter(choices=[choice(name="")])), "options.0.choices.0.name", REQUIRED),
        (command(parameter(choices=[choice(name="x" * 101)])), "options.0.choices.0.name", LENGTH),
        (command(parameter(choices=[choice(value="x" * 101)])), "options.0.choices.0.value", LENGTH),
        (
            command(parameter(choices=[choice(value=5)])),
            "options.0.choices.0.value",
            "APPLICATION_COMMAND_OPTIONS_CHOICE_TYPE",
        ),
        (
            command(parameter(4, choices=[choice(value=0.5)])),
            "options.0.choices.0.value",
            "APPLICATION_COMMAND_OPTIONS_CHOICE_TYPE",
        ),
        (
            command(parameter(choices=[choice(), choice()])),
            "options.0.choices.1",
            "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_NOT_UNIQUE",
        ),
        (
            command(parameter(choices=[choice()], autocomplete=True)),
            "options.0.autocomplete",
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
        ),
        (
            command(parameter(5, autocomplete=True)),
            "options.0.autocomplete",
            "APPLICATION_COMMAND_OPTION_FIELD_NOT_ALLOWED",
        ),
        (
            command(parameter(min_value=1)),
            "options.0.min_value",
            "APPLICATION_COMMAND_OPTION_FIELD_NOT_ALLOWED",
        ),
        (command(parameter(max_length=6001)), "options.0.max_length", "NUMBER_TYPE_MAX"),
        (command(parameter(1, "x"), parameter()), "options", TYPE),
        (
            command(parameter(1, "x", options=[parameter(1, "y")])),
            "options.0.options.0.type",
            TYPE,
        ),
        (
            command(parameter(2, "x", options=[parameter(2, "y", options=[])])),
            "options.0.options.0.type",
            TYPE,
        ),
        (command(parameter(2, "x", options=[parameter()])), "options.0.options.0.type", TYPE),
        (command(parameter(2, "x")), "options.0.options", REQUIRED),
        (command(name_localizations={"xx": "tea"}), "name_localizations.xx", "ENUM_TYPE_COERCE"),
        (command(name_localizations={"de": "Tee"}), "name_localizations.de", NAME),
        (command(description_localizations={"de": "x" * 101}), "description_localizations.de", LENGTH),
        (command(contexts=[3]), "contexts.0", "BASE_TYPE_CHOICES"),
        (command(contexts=[]), "contexts", LENGTH),
        (command(default_member_permissions="x"), "default_member_permissions", "NUMBER_TYPE_COERCE"),
        (menu(name="x" * 33), "name", LENGTH),
        (menu(description="x"), "description", "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED"),
        (menu(options=[parameter()]), "options", "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED"),
    ],
)
async def test_bad_commands_are_refused(server, refused, body, where, code):
    assert await refused("POST", GLOBAL, json=body) == (50035, [(where, code)])
    assert server.world.commands == {}


async def test_all_of_a_command_together_has_a_limit(api, refused):
    long = {"description": "x" * 100}
    options = [parameter(name=f"p{number}", **long) for number in range(25)]
    heavy = [{**one, "choices": [choice(n, value="x" * 90) for n in range(2)]} for one in options]
    assert (await api("POST", GLOBAL, json=command(*heavy)))[0] == 201
    heavier = [{**one, "choices": [choice(n, value="x" * 90) for n in range(3)]} for one in options]
    assert await refused("POST", GLOBAL, json=command(*heavier)) == (
        50035,
        [("", "APPLICATION_COMMAND_TOO_LARGE")],
    )
    local = {"description_localizations": {"de": "x" * 90, "fr": "x" * 95}, "description": "short"}
    assert (await api("POST", GLOBAL, json=command(*[{**one, **local} for one in heavy])))[0] == 200


async def test_an_app_for_people_has_commands_in_private_channels(server, api, refused):
    body = command(contexts=[0, 1, 2], integration_types=[0, 1])
    assert await refused("POST", GLOBAL, json=body) == (50035, [("integration_types.1", INSTALL)])
    server.world.installs = frozenset({0, 1})
    made = (await api("POST", GLOBAL, json=body))[1]
    assert (made["contexts"], made["integration_types"]) == ([0, 1, 2], [0, 1])


@pytest.mark.parametrize("where", ["contexts", "integration_types"])
async def test_a_guilds_own_command_is_for_that_guild_however_the_app_came(api, refused, where):
    found = await refused("POST", LOCAL, json=command(**{where: [0]}))
    assert found == (50035, [(where, "APPLICATION_COMMAND_CONTEXTS_NOT_GLOBAL")])
    assert (await api("POST", GLOBAL, json=command(**{where: [0]})))[0] == 201
