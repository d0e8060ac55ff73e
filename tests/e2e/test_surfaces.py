"""Every command on every surface: the same question comes to the same facts. The run prints the table."""

from dataclasses import dataclass

import pytest

from adapters.console.outbound.screen import plain
from adapters.console.render.replies import render
from bot.commands import COMMANDS
from bot.domain.errors import UserError
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from tests.e2e import discord_guild
from tests.e2e.slack_workspace import said
from tests.servers.sources.arxiv import ArxivServer
from tests.servers.sources.full_texts import PAGE

KETTLES = PaperDraft(
    "Kettles that Whistle",
    "We make kettles whistle, and measure it.",
    "test",
    identifiers=frozenset({Identifier(Scheme.ARXIV, "2406.00001")}),
)


@dataclass(frozen=True)
class Case:
    """What is typed, after what, and what the answer holds."""

    line: str
    facts: tuple[str, ...]
    before: tuple[str, ...] = ()


CASES = {
    "search": Case(
        "search seeing cracks in bridges",
        # The words between these are marked, in each surface's own way.
        ("Seeing Cracks in Bridges", "#3", "“Drones photograph ", ", and a vision transformer "),
    ),
    "show": Case("show #3", ("Seeing Cracks in Bridges", "#3", "Inspectors find more cracks in less time.")),
    "summarize": Case("summarize #3", ("Seeing Cracks in Bridges", "sentence 1 of 3")),
    "ask": Case(
        "ask #5 what does each spout cost?",
        ("Kettles that Whistle", "Each spout costs seven cents to print.", "2.2 Cost, sentence 5 of 9"),
    ),
    "related": Case("related #1", ("Routing Tokens to Experts Evenly", "#2")),
    "subscribe": Case(
        "subscribe mixture of experts at:09:00 tz:Europe/Paris top:3",
        (
            "mixture of experts",
            "09:00",
            "Europe/Paris",
            "at most 3 papers",
            "Cheaper Experts at Serving Time",
        ),
    ),
    "unsubscribe": Case(
        "unsubscribe mixture of experts", ("mixture of experts",), ("subscribe mixture of experts",)
    ),
    "subscriptions": Case(
        "subscriptions", ("mixture of experts", "Every day at 09:00 UTC"), ("subscribe mixture of experts",)
    ),
    "digest": Case(
        "digest", ("mixture of experts", "Cheaper Experts at Serving Time"), ("subscribe mixture of experts",)
    ),
    "trending": Case("trending month", ("Seeing Cracks in Bridges",), ("vote #3 up",)),
    "vote": Case("vote #3 down", ("Seeing Cracks in Bridges", "👍 0", "👎 1", "you voted 👎")),
    "top": Case("top", ("Seeing Cracks in Bridges", "1 paper"), ("vote #3 up",)),
    "discuss": Case(
        'discuss #3 say:"Does it rain?"', ("ada asks: “Does it rain?”", "Seeing Cracks in Bridges")
    ),
    "history": Case("history", ("Seeing Cracks in Bridges", "voted"), ("vote #3 up",)),
    "add": Case("add https://example.org/experts", ("Cheaper Experts at Serving Time", "#1")),
    "save": Case("save #3", ("Seeing Cracks in Bridges", "saved")),
    "saved": Case("saved", ("Seeing Cracks in Bridges",), ("save #3",)),
    "settings": Case("settings layout:flat tz:Europe/Paris", ("flat", "Europe/Paris")),
    "email": Case("email ada@example.org topic:experts", ("whoever runs me has set up no mail server",)),
    "link": Case("link", ("Your code is", "ten minutes", "Tell nobody")),
    "unlink": Case("unlink", ("You are not linked with anything.",)),
    "token": Case("token laptop", ("Your token laptop is pc_", "can read as you, for 365 days")),
    "feed": Case("feed", ("PAPERCLUB_PUBLIC_URL",)),
    "help": Case("help vote", ("Vote on a paper", "PAPER", "up|down|none]", "#57")),
}


@pytest.fixture
async def settings(settings):
    """Sources that are not there, but for one full text."""
    async with ArxivServer(pages={"2406.00001": PAGE}).server() as arxiv:
        yield settings.model_copy(update={"arxiv_site_url": str(arxiv.make_url(""))})


@pytest.fixture
def drafts(drafts):
    return (*drafts, KETTLES)


@pytest.fixture
def on_console(world):
    player = world.person("ada")

    async def say(line: str) -> str:
        return plain(render(await player.says(line)))

    return say


@pytest.fixture
def on_slack(workspace):
    async def say(line: str) -> str:
        return said(await workspace.says(line))

    return say


@pytest.fixture
def on_discord(guild):
    guild.discord.world.guilds[discord_guild.GUILD].members[discord_guild.ADA].nick = "ada"
    direct = guild.discord.world.direct(discord_guild.ADA).id

    async def say(line: str) -> str:
        """Use the command; what Discord itself would not let through is written to the bot instead."""
        try:
            return discord_guild.text_of(await guild.says(line))
        except (LookupError, UserError):
            await guild.writes(line, channel=direct)
            return discord_guild.text_of(guild.latest(direct))

    return say


@pytest.fixture(params=["console", "slack", "discord"])
def say(request):
    """Type a line on a surface, and read its answer in one line."""
    ask = request.getfixturevalue(f"on_{request.param}")

    async def say(line: str) -> str:
        return " ".join((await ask(line)).split())

    return say


def test_no_command_is_left_out():
    assert list(CASES) == [command.name for command in COMMANDS]


@pytest.mark.parametrize("command", CASES)
async def test_a_command_answers_with_its_facts(command, say, request, record_property):
    record_property("surface", (command, request.node.callspec.params["say"]))
    case = CASES[command]
    for line in case.before:
        await say(line)
    answer = await say(case.line)
    assert [fact for fact in case.facts if fact not in answer] == [], answer


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("serach experts", ("Did you mean “search”?",)),
        ("show #999", ("There is no paper #999",)),
        ("vote #1 sideways", ("“sideways” means nothing behind #1",)),
        ("subscribe top:3", ("Please say the topic",)),
        ("search page:0 experts", ("1 to 1000",)),
    ],
)
async def test_bad_input_is_told_what_to_do(line, facts, say):
    answer = await say(line)
    assert [fact for fact in facts if fact not in answer] == [], answer
