"""The web page over two teams with papers, votes and talk, for the tests and the screenshots."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import httpx
from starlette.applications import Starlette

from adapters.console import CONSOLE
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.user import ConsoleUser
from app.doors import web_page
from app.settings import Settings
from app.wiring import Parts, assembled, console_record
from bot.domain.account import Identity
from bot.domain.channel import Channel
from bot.domain.errors import DeliveryUnknown
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageRef
from bot.domain.paper import Details, PaperDraft
from bot.protocol.arguments import split_command
from bot.protocol.events import CommandInvoked, MessagePosted
from bot.protocol.replies import Reply
from tests.e2e.conftest import Listening, SetClock
from tests.e2e.program_teams import Unlimited

HOST = "http://papers.test"
TODAY = date(2026, 11, 30)
OURS, THEIRS = "atlas", "borealis"
"""Two workspaces."""


def listed(number: int, title: str, abstract: str, day: date, upvotes: int, **more: object) -> PaperDraft:
    """A paper as Hugging Face's list of a day tells of it."""
    return PaperDraft(
        title,
        abstract,
        "huggingface",
        identifiers=frozenset({Identifier(Scheme.ARXIV, f"2611.{number:05}")}),
        published=day,
        listed=day,
        upvotes=upvotes,
        **more,  # type: ignore[arg-type]
    )


PAPERS = (
    listed(
        1,
        "Cheaper Experts at Serving Time",
        "Mixture-of-experts models waste memory when they are served. We keep only the experts in memory "
        "that a router is about to ask for. Serving a mixture of experts becomes three times cheaper with "
        "the same answers, on one graphics card and on many. The code is open.",
        TODAY,
        84,
        authors=("Ada Lund", "Bo Meyer", "Cy Novak", "Di Osei", "Ed Pham"),
        categories=("cs.LG", "cs.DC"),
        submitted_by="AK",
        details=Details(
            organisation="The Routing Lab",
            code="https://github.com/example/cheap-experts",
            models=("routing-lab/router-7b",),
            datasets=("routing-lab/routes",),
            keywords=("mixture of experts", "serving"),
            tldr="Keep only the experts in memory that are about to be asked.",
            citations=12,
        ),
    ),
    listed(
        2,
        "Routing Tokens to Experts Evenly",
        "Routers in mixture-of-experts language models send most tokens to a few experts. A small penalty "
        "balances the load. Training a mixture of experts then takes fewer steps.",
        TODAY,
        41,
        authors=("Eva Quist", "Finn Rao"),
        categories=("cs.CL",),
        submitted_by="AK",
    ),
    listed(
        3,
        "Seeing Cracks in Bridges before They Grow",
        "Drones photograph bridges, and a vision transformer marks the cracks. The transformer is pretrained "
        "on images without labels. Inspectors find more cracks in less time.",
        TODAY,
        17,
        authors=("Gro Silva", "Hal Tang", "Ina Umar"),
        categories=("cs.CV",),
        submitted_by="taesiri",
        details=Details(venue="Conference on Structures", code="https://github.com/example/cracks"),
    ),
    listed(
        4,
        "Protein Folding with Fewer Samples",
        "Predicting how proteins fold needs many known structures. A language model over amino acids learns "
        "folding from a tenth of them.",
        date(2026, 11, 27),
        29,
        authors=("Jo Vega",),
        categories=("q-bio.BM",),
        submitted_by="taesiri",
    ),
    listed(
        5,
        "What Long Contexts Forget in the Middle",
        "Language models read long documents, and lose what stands in the middle. We measure where, and why. "
        "Attention to position explains most of it.",
        date(2026, 11, 26),
        63,
        authors=("Kim Wolf", "Lea Xu"),
        categories=("cs.CL",),
        submitted_by="AK",
    ),
)


class LinkedSurface(ConsoleSurface):
    """A console whose messages have addresses, and whose channels have members."""

    def __init__(self, history: History, screen: Screen, clock: SetClock) -> None:
        super().__init__(history, screen, clock)
        self.members: dict[tuple[str, str], set[str]] = {}
        self.left: set[tuple[str, str]] = set()
        self.silent: set[str] = set()

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:
        return frozenset(self.members.get((workspace, person), ()))

    async def is_member(self, workspace: str, person: str) -> bool:
        if workspace in self.silent:
            raise DeliveryUnknown("no answer")
        return (workspace, person) not in self.left

    async def message_link(self, channel: Channel, message: MessageRef) -> str:
        return f"https://{channel.workspace}.example.org/{message.message}"

    @property
    def shared_ids(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Member(ConsoleUser):
    """Somebody in one of the workspaces."""

    workspace: str = OURS

    @property
    def origin(self):
        return dataclasses.replace(ConsoleUser.origin.fget(self), workspace=self.workspace)


@dataclass(slots=True)
class Pages:
    """The page, and the bot behind it."""

    parts: Parts
    surface: LinkedSurface
    clock: SetClock
    settings: Settings
    numbers: list[int] = field(default_factory=list)
    limiter: Any = field(default_factory=Unlimited)

    @property
    def application(self) -> Starlette:
        parts = replace(self.parts, limiter=self.limiter)
        return Starlette(routes=[*web_page(self.settings, parts)])

    @asynccontextmanager
    async def browser(self, application: Starlette | None = None) -> AsyncIterator["Browser"]:
        """Open a browser without cookies."""
        transport = httpx.ASGITransport(application or self.application, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            yield Browser(self, client)

    async def says(self, user: Member, line: str) -> tuple[Reply, MessageRef | None]:
        """Have somebody give a command in chat."""
        self.surface.members.setdefault((user.workspace, user.person), set())
        if not user.direct:
            self.surface.members[user.workspace, user.person].add(user.channel)
        conversation = Listening(self.surface, user)
        name, arguments = split_command(line)
        event = CommandInvoked(origin=user.origin, name=name, arguments=arguments)
        await self.parts.bot.receive(event, conversation)
        message = conversation.messages[-1]
        return conversation.heard[-1], message if isinstance(message, MessageRef) else None

    async def writes(self, user: Member, below: MessageRef, number: str) -> None:
        """Have somebody write below a message."""
        message = MessageRef(user.channel, number, below.message)
        event = MessagePosted(origin=user.origin, message=message, at=self.clock.now())
        await self.parts.bot.receive(event, Listening(self.surface, user))

    async def code(self, user: Member) -> str:
        """Return a code with which somebody signs in."""
        await self.says(user, "help link")
        return await self.parts.accounts.new_code(Identity(CONSOLE, user.workspace, user.person, user.person))

    async def channel(self, user: Member) -> int:
        """Return the number of the channel that somebody is in."""
        async with self.parts.store.reading() as tx:
            [found] = await tx.directory.shared_channels(CONSOLE, user.workspace, [user.channel])
        return found.id


@dataclass(slots=True)
class Browser:
    """A browser that follows redirects and fills in the forms that it was shown."""

    pages: Pages
    client: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers, follow_redirects=True)

    async def token(self, path: str = "/") -> str:
        """Return the token of the forms on a page."""
        found = (await self.get(path)).text.partition('name="form_token" value="')[2]
        return found.partition('"')[0]

    async def post(
        self, path: str, *, origin: str = HOST, token: str | None = None, **fields: str
    ) -> httpx.Response:
        form = {"form_token": await self.token("/me") if token is None else token, **fields}
        return await self.client.post(path, data=form, headers={"Origin": origin}, follow_redirects=True)

    async def sign_in(self, user: Member) -> httpx.Response:
        token = await self.token("/sign-in")
        return await self.post("/sign-in", token=token, code=await self.pages.code(user))


@asynccontextmanager
async def open_pages(
    settings: Settings, clock: SetClock, embedder: object, *others: type["LinkedSurface"]
) -> AsyncIterator[Pages]:
    """Open the page over a folder of its own, with the console and other surfaces."""
    clock.time = replace_day(clock)
    surface = LinkedSurface(History(console_record(settings)), Screen(recorder()), clock)
    more = [each(surface.history, surface.screen, clock) for each in others]
    surfaces = {each.platform: each for each in (surface, *more)}
    async with assembled(settings, surfaces, clock, embedder) as parts:  # type: ignore[arg-type]
        report = await parts.library.add(PAPERS)
        await parts.library.refresh()
        numbers = [paper_id for paper_id, _ in report.stored]
        yield Pages(parts, surface, clock, settings.model_copy(update={"public_url": HOST}), numbers)
        with contextlib.suppress(TimeoutError):
            await parts.tally_updates.settle()


def replace_day(clock: SetClock):
    """The morning on which the papers are looked at."""
    return clock.time.replace(year=TODAY.year, month=TODAY.month, day=TODAY.day, hour=9)


async def talk(pages: Pages, workspace: str = OURS, mark: str = "") -> Member:
    """Have a team vote, save, follow and discuss; return one of its people."""
    ada, bo = (Member(f"{name}{mark}", f"#nlp{mark}", workspace=workspace) for name in ("ada", "bo"))
    first, second, third, *_ = pages.numbers
    for user, line in (
        (ada, f"vote #{first} up"),
        (bo, f"vote #{first} up"),
        (bo, f"vote #{third} up"),
        (ada, f"vote #{second} down"),
        (ada, f"save #{second}"),
        (ada, f'subscribe "mixture of experts {mark}" at:09:00 tz:Europe/Paris'),
        (ada, f"save #{first}"),
    ):
        await pages.says(user, line)
        pages.clock.forward(minutes=1)
    _, message = await pages.says(ada, f'discuss #{first} say:"Does it hold on small cards? {mark}"')
    assert message is not None
    for number in ("900", "901"):
        await pages.writes(bo, message, number + mark)
    for channel in ("#reading-group", "#vision"):
        await pages.says(replace(ada, channel=channel + mark), f"show #{third}")
    return ada
