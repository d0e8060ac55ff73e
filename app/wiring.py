"""Where real things are put together: the only place that knows them all."""

import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.common.setup import SurfaceServices
from app.clock import SystemClock
from app.follower import Follower
from app.metrics.measured import MeasuredEmbedder, MeasuredLimiter
from app.settings import Settings
from app.sources import Sources, sources_of
from app.surface_setup import Adapter, Installed, Opening
from app.worker import Worker
from bot.commands import COMMANDS
from bot.conversation.accounts import AccountLinker
from bot.conversation.boards import BoardReader
from bot.conversation.dispatcher import Bot
from bot.conversation.paper_pages import PageOpener
from bot.conversation.paper_talk import PaperTalk
from bot.conversation.services import Services
from bot.domain.channel import Platform
from bot.domain.errors import UserError
from bot.intake.ingest import Ingest
from bot.intake.links import LinkFollower
from bot.intake.titles import TitleLookup
from bot.ports.clock import Clock
from bot.ports.coordination import Cache, RateLimiter, Wakeup
from bot.ports.library import Library
from bot.ports.mailboxes import Mailboxes
from bot.ports.metrics import Metrics, NullMetrics
from bot.ports.search import Embedder
from bot.ports.surface import Surface
from bot.posting.channel_loss import ChannelLossHandler
from bot.posting.clocks import Clocks
from bot.posting.delivery import Delivery
from bot.posting.mailbox_owners import MailboxOwners
from bot.posting.mailbox_requests import MailboxRequests
from bot.posting.planner import DigestPlanner
from bot.posting.tally_updates import TallyUpdater
from papers.answers import QuotingAnswerer
from papers.embedding import BareMiniLM, MiniLM
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from papers.sources.fetching.fetcher import Fetcher
from papers.summaries import ExtractiveSummarizer
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process of Paperclub is made of."""

    bot: Bot
    services: Services
    talk: PaperTalk
    store: SqlStore
    library: Library
    embedder: MiniLM
    full_text: FullTextIndex
    vectors: VectorIndex
    sources: Sources
    planner: DigestPlanner
    tally_updates: TallyUpdater
    worker: Worker
    follower: Follower
    ingest: Ingest
    limiter: RateLimiter
    clock: Clock
    clocks: Clocks
    installed: Mapping[Platform, Installed]

    @property
    def accounts(self) -> AccountLinker:
        """Return what links people's identities and signs them in."""
        return self.services.accounts

    def adapters(self) -> dict[Platform, Adapter]:
        """Return an adapter for each surface, which passes its events to the bot."""
        return {
            platform: each.adapter(self.bot, self.clocks.of(platform))
            for platform, each in self.installed.items()
        }


@asynccontextmanager
async def assembled(
    settings: Settings,
    surfaces: Mapping[Platform, Surface],
    clock: Clock | None = None,
    embedder: MiniLM | None = None,
    limiter: RateLimiter | None = None,
    *,
    opening: Opening | None = None,
    samples: bool = False,
    metrics: Metrics | None = None,
) -> AsyncIterator[Parts]:
    """Put a process together over a migrated database, and take it apart at the end.

    `surfaces` are ready; `opening` makes others of what the process shares. A caller that sets the clock may
    give a limiter that goes by it. Samples in the database are hidden unless it is for trying the bot out.
    Without `metrics` nothing is counted.
    """
    prepare_folders(settings)
    clock = clock or SystemClock()
    await migrate(settings.database)
    async with contextlib.AsyncExitStack() as stack:
        store = SqlStore(settings.database)
        stack.push_async_callback(store.close)
        async with store.writing() as tx:
            await tx.papers.hide_samples(hidden=not samples)
        if embedder is None:
            embedder = MiniLM(many_papers=settings.encode_papers)
            stack.callback(embedder.close)
        earlier = BareMiniLM(many_papers=settings.encode_papers)
        stack.callback(earlier.close)
        shared = await stack.enter_async_context(_shared(settings))
        limiter = _measured(limiter or shared.limiter, metrics, clock)
        installed: dict[Platform, Installed] = {}
        if opening is not None:
            from app.secrets import secrets_of  # noqa: PLC0415 - cryptography, for tokens of platforms alone

            services = SurfaceServices(store, limiter, clock, secrets_of(settings))
            installed = await stack.enter_async_context(opening(services))
        fetcher = await stack.enter_async_context(
            Fetcher(
                _measured(shared.limiter, metrics, clock),
                shared.cache,
                contact=settings.contact,
            )
        )
        yield _wired(
            store,
            embedder,
            earlier,
            settings,
            sources=sources_of(settings, fetcher),
            wakeup=shared.wakeup,
            limiter=limiter,
            surfaces={**surfaces, **{name: each.surface for name, each in installed.items()}},
            installed=installed,
            clock=clock,
            metrics=metrics,
        )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What processes share."""

    wakeup: Wakeup
    limiter: RateLimiter
    cache: Cache


@asynccontextmanager
async def _shared(settings: Settings) -> AsyncIterator[_Shared]:
    if not settings.redis_url:
        yield _Shared(LocalWakeup(), LocalRateLimiter(), LocalCache())
        return
    # Redis' client is for processes that have a server. It takes a tenth of a second to import.
    from storage.shared.redis_cache import RedisCache  # noqa: PLC0415 - as just said
    from storage.shared.redis_rate_limits import RedisRateLimiter  # noqa: PLC0415 - as above
    from storage.shared.redis_wakeup import RedisWakeup  # noqa: PLC0415 - as above

    async with contextlib.AsyncExitStack() as stack:
        wakeup = RedisWakeup(settings.redis_url)
        stack.push_async_callback(wakeup.close)
        limiter = RedisRateLimiter(settings.redis_url)
        stack.push_async_callback(limiter.close)
        cache = RedisCache(settings.redis_url)
        stack.push_async_callback(cache.close)
        yield _Shared(wakeup, limiter, cache)


async def wake_others(settings: Settings) -> None:
    """Let other processes look for what is new at once, where they share a server; else they do so soon."""
    async with _shared(settings) as shared:
        await shared.wakeup.wake()


def prepare_folders(settings: Settings) -> None:
    """Make the data folder and the SQLite file's folder where they are missing, for this user alone.

    Raises:
        UserError: one of them cannot be made.

    """
    file = settings.database_file
    for folder in (settings.data_dir, *([file.parent] if file is not None else [])):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The folder {folder} cannot be made: {error.strerror}. "
                "Name another with PAPERCLUB_DATA_DIR or PAPERCLUB_DATABASE_URL."
            ) from None


def console_record(settings: Settings) -> Path:
    """Where the console remembers its messages: beside the SQLite file, else in the data folder."""
    file = settings.database_file
    return file.with_suffix(".console.jsonl") if file is not None else settings.data_dir / "console.jsonl"


def _measured(limiter: RateLimiter, metrics: Metrics | None, clock: Clock) -> RateLimiter:
    """Report waits where somebody asks for them; `chat` goes straight to the limiter."""
    return limiter if metrics is None else MeasuredLimiter(limiter, metrics, clock)


def _worker_name() -> str:
    """Name this process's leases as no other process is named."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _wired(
    store: SqlStore,
    embedder: MiniLM,
    earlier: MiniLM,
    settings: Settings,
    *,
    sources: Sources,
    wakeup: Wakeup,
    limiter: RateLimiter,
    surfaces: Mapping[Platform, Surface],
    installed: Mapping[Platform, Installed],
    clock: Clock,
    metrics: Metrics | None,
) -> Parts:
    full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions, settings.data_dir, embedder.name)
    measured = embedder if metrics is None else MeasuredEmbedder(embedder, metrics, clock)
    generations = Generations(
        Generation(measured, vectors),
        Generation(earlier, VectorIndex(earlier.dimensions, settings.data_dir, earlier.name)),
    )
    library = PaperLibrary(store, generations, full_text, clock=clock, wakeup=wakeup)
    services = _services(
        store,
        library,
        measured,
        HybridSearch(generations, full_text),
        settings,
        sources=sources,
        wakeup=wakeup,
        surfaces=surfaces,
        clock=clock,
    )
    planner, clocks, worker = services.planner, services.clocks, _worker_name()
    delivery = Delivery(
        store,
        surfaces,
        clocks,
        worker,
        channel_loss=services.channel_loss,
        mailbox_owners=services.mailbox_owners,
    )
    return Parts(
        bot=Bot(services, COMMANDS, metrics or NullMetrics()),
        services=services,
        talk=PaperTalk(store, surfaces),
        store=store,
        library=library,
        embedder=embedder,
        full_text=full_text,
        vectors=vectors,
        sources=sources,
        planner=planner,
        tally_updates=services.tally_updates,
        worker=Worker(store, library, planner, delivery, wakeup=wakeup, clocks=clocks),
        follower=Follower(library, wakeup=wakeup, clock=clock),
        ingest=_ingest(settings, store, library, sources, clock=clock, worker=worker),
        limiter=limiter,
        clock=clock,
        clocks=clocks,
        installed=installed,
    )


def _services(
    store: SqlStore,
    library: Library,
    embedder: Embedder,
    search: HybridSearch,
    settings: Settings,
    *,
    sources: Sources,
    wakeup: Wakeup,
    surfaces: Mapping[Platform, Surface],
    clock: Clock,
) -> Services:
    clocks, summarizer = Clocks(clock, surfaces), ExtractiveSummarizer()
    single = [name for name, each in surfaces.items() if each.single_posts]
    return Services(
        store=store,
        clock=clock,
        clocks=clocks,
        accounts=AccountLinker(store, surfaces, clock),
        public_url=settings.public_url.rstrip("/"),
        search=search,
        library=library,
        catalogues=sources.catalogues,
        citations=sources.citations,
        publishers=sources.publishers,
        summarizer=summarizer,
        full_texts=sources.full_texts,
        answerer=QuotingAnswerer(embedder),
        boards=BoardReader(store),
        pages=PageOpener(store),
        links=LinkFollower(store, library, sources.catalogues, clock),
        tally_updates=TallyUpdater(store, summarizer, surfaces, clock),
        planner=DigestPlanner(store, search, clocks, wakeup, single),
        wakeup=wakeup,
        channel_loss=ChannelLossHandler(store, surfaces, clocks),
        mailbox_owners=MailboxOwners(store, surfaces),
        mailboxes=_requests(store, surfaces, clock, wakeup),
    )


def _requests(
    store: SqlStore, surfaces: Mapping[Platform, Surface], clock: Clock, wakeup: Wakeup
) -> MailboxRequests | None:
    mailboxes = next((each for each in surfaces.values() if isinstance(each, Mailboxes)), None)
    return None if mailboxes is None else MailboxRequests(store, mailboxes, clock, wakeup)


def _ingest(
    settings: Settings, store: SqlStore, library: Library, sources: Sources, *, clock: Clock, worker: str
) -> Ingest:
    return Ingest(
        store,
        library,
        sources.feeds,
        sources.watched,
        clock,
        titles=TitleLookup(store, library, sources.catalogues, clock, worker=worker),
        worker=worker,
        every=timedelta(minutes=settings.ingest_minutes),
    )
