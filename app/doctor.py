"""`paperclub doctor`: checks the set-up, and says how to put right what is wrong."""

import contextlib
import importlib.metadata
import os
import platform
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.common.findings import Finding, Health
from app.error_text import sentence
from app.settings import Settings
from app.surfaces import findings, opening, services_for_checks, surfaces_set_up
from bot.domain.errors import DeliveryError, UserError
from bot.domain.post import PostState, Trouble
from bot.domain.source import SourcePoll, SourceRun, SourceState
from bot.domain.wrong_names import wrong_names
from bot.ports.clock import Clock, PlatformTime
from bot.posting.clocks import MAX_DIFFERENCE, ahead_text
from bot.protocol.values import source_label
from bot.protocol.wording import counted, shortened
from papers.embedding import MiniLM
from storage.shared.ping import ping
from storage.sql.migrations import pending
from storage.sql.store import SqlStore

LISTED = 10
"""The most troubles of one kind that are listed."""
PAPERS_A_PAGE = 500
TITLE_LENGTH = 60
WRONG_MERGE_ADVICE = (
    "Two papers may have become one. Look with `paperclub papers show NUMBER`, and take them apart with "
    "`paperclub papers split`, or correct one with `paperclub papers edit`."
)
ROOM_NEEDED = 50_000_000
"""Bytes that should be free on the disk of the database."""
FAILED_LISTED_FOR = timedelta(days=14)
"""Failed posts that were planned longer ago than this are not listed."""


async def examine(settings: Settings, clock: Clock, *, quick: bool) -> AsyncIterator[Finding]:
    """Check everything, and yield one finding after the other.

    `quick`: do not load the model, and do not read all papers.
    """
    version = importlib.metadata.version("paperclub")
    yield Finding("program", Health.GOOD, f"Paperclub {version} on Python {platform.python_version()}")
    yield _data_folder(settings)
    yield _time_zones()
    database = await _database(settings)
    yield database
    if database.health is Health.GOOD:
        async for finding in _contents(settings, clock, quick=quick):
            yield finding
    yield _chat(settings)
    yield await _redis(settings)
    async for finding in _platforms(settings, clock, readable=database.health is Health.GOOD):
        yield finding
    if not quick:
        yield await _model()


async def _contents(settings: Settings, clock: Clock, *, quick: bool) -> AsyncIterator[Finding]:
    """Check the contents of the database. If it cannot be read, that is the last finding."""
    store = SqlStore(settings.database)
    try:
        yield await _papers(store)
        yield await _vectors(store)
        yield await _posts(store, clock)
        async for finding in _sources(store):
            yield finding
        if not quick:
            yield await _identifiers(store)
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        yield Finding("database", Health.BAD, "cannot be read", said)
    finally:
        await store.close()


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if os.access(nearest, os.W_OK):
        free = shutil.disk_usage(nearest).free
        if free >= ROOM_NEEDED:
            return Finding("data folder", Health.GOOD, str(folder))
        text = f"{folder}: only {free // 1_000_000} MB are free"
        return Finding("data folder", Health.BAD, text, "Make room on its disk, or nothing can be kept.")
    advice = f"Let this user write to {nearest}, or set PAPERCLUB_DATA_DIR."
    return Finding("data folder", Health.BAD, f"{folder} cannot be written to", advice)


def _time_zones() -> Finding:
    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        return Finding("time zones", Health.BAD, "no time zone data", "Install the package tzdata.")
    return Finding("time zones", Health.GOOD, "ok")


async def _database(settings: Settings) -> Finding:
    file = settings.database_file
    if file is not None and not file.exists():
        return Finding("database", Health.WARNING, "there is none yet", "Make it with `paperclub migrate`.")
    try:
        missing = await pending(settings.database)
    except UserError as error:
        return Finding("database", Health.BAD, "cannot be opened", str(error))
    if missing:
        advice = "Bring it up to date with `paperclub migrate`."
        return Finding("database", Health.BAD, f"{len(missing)} migrations behind", advice)
    return Finding("database", Health.GOOD, "up to date")


async def _papers(store: SqlStore) -> Finding:
    async with store.reading() as tx:
        count = await tx.papers.count()
    if count:
        return Finding("papers", Health.GOOD, counted(count, "paper"))
    return Finding("papers", Health.WARNING, "no papers yet", "Bring some in with `paperclub import FILE`.")


async def _vectors(store: SqlStore) -> Finding:
    async with store.reading() as tx:
        missing = await tx.embeddings.count_missing(MiniLM.name)
    if not missing:
        return Finding("vectors", Health.GOOD, "every paper is encoded")
    text = f"{counted(missing, 'paper')} still to be encoded"
    return Finding("vectors", Health.WARNING, text, "`paperclub run` does that in the background.")


async def _identifiers(store: SqlStore) -> Finding:
    """Look for papers that were merged by mistake: their identifiers contradict each other."""
    wrong: list[str] = []
    async with store.reading() as tx:
        sequence = 0
        while page := await tx.papers.changed_since(sequence, PAPERS_A_PAGE):
            sequence = page[-1][0]
            wrong += [
                f"#{paper.id} “{shortened(paper.title, TITLE_LENGTH)}”: {', '.join(wrong)}"
                for _, paper in page
                if (wrong := wrong_names(paper.identifiers))
            ]
    if not wrong:
        return Finding("identifiers", Health.GOOD, "no paper looks like two that were merged by mistake")
    return Finding("identifiers", Health.WARNING, _first_lines(wrong), WRONG_MERGE_ADVICE)


def _first_lines(lines: Sequence[str]) -> str:
    more = len(lines) - LISTED
    return "\n".join([*lines[:LISTED], f"and {more} more"] if more > 0 else lines)


async def _posts(store: SqlStore, clock: Clock) -> Finding:
    async with store.reading() as tx:
        troubles = await tx.outbox.list_troubles(clock.now() - FAILED_LISTED_FOR)
    if not troubles:
        return Finding("posts", Health.GOOD, f"none in doubt, none lost in {FAILED_LISTED_FOR.days} days")
    text = _first_lines([_trouble_text(each) for each in troubles])
    return Finding("posts", Health.WARNING, text, _trouble_advice(troubles))


def _trouble_text(trouble: Trouble) -> str:
    post = trouble.post
    wrong = f", gone wrong {counted(post.crashes, 'time')}" if post.crashes else ""
    why = f": {trouble.detail}" if trouble.detail else ""
    return f"{post.planned:%Y-%m-%d} {post.channel.name}: {_state_text(trouble)}{wrong}{why}"


def _state_text(trouble: Trouble) -> str:
    post = trouble.post
    open_still = "in doubt" if post.state is PostState.UNKNOWN else "not sent yet"
    if post.news is not None:
        return f"news of #{post.news.paper_id} {open_still if trouble.open else 'failed'}"
    if post.request is not None:
        return f"a mail to confirm an address {open_still if trouble.open else 'failed'}"
    standings = ((trouble.open, open_still), (trouble.failed, "failed"))
    parts = (f"{counted(number, 'part')} {standing}" for number, standing in standings if number)
    return f"digest {post.digest_id}, {', '.join(parts)}"


def _trouble_advice(troubles: Sequence[Trouble]) -> str:
    advice = []
    if any(each.open for each in troubles):
        advice.append("What is in doubt or not sent yet is tried again by itself.")
    if any(each.failed for each in troubles):
        advice.append("What failed is not tried again. Fix what its line names, so that later posts arrive.")
    return " ".join(advice)


async def _sources(store: SqlStore) -> AsyncIterator[Finding]:
    async with store.reading() as tx:
        runs = {run.source: run for run in await tx.source_runs.latest()}
        source_polls = {poll.name: poll for poll in await tx.source_polls.all()}
    for name in sorted(runs.keys() | source_polls.keys()):
        yield _source(name, runs.get(name), source_polls.get(name))


def _source(name: str, run: SourceRun | None, poll: SourcePoll | None) -> Finding:
    """Report how the fetch of a source's latest day went, what else is wrong, and how far it is complete."""
    said = [] if run is None else [_run_text(run)]
    trouble = "" if poll is None else poll.error
    if trouble and not (run is not None and trouble.startswith(f"{run.day}:")):
        said.append(trouble)
    elif poll is not None and run is None:
        asked = (
            "not asked yet" if poll.polled_at is None else f"asked on {poll.polled_at:%Y-%m-%d at %H:%M} UTC"
        )
        said.append(asked)
    if poll is not None and poll.complete_through is not None:
        said.append(f"nothing is missing up to {poll.complete_through}")
    good = not trouble and (run is None or run.state in {SourceState.COMPLETE, SourceState.EMPTY})
    advice = "" if good else "It is asked again by itself while `paperclub run` runs."
    what = f"source {source_label(name)}" if run is not None else source_label(name)
    return Finding(what, Health.GOOD if good else Health.WARNING, "; ".join(said), advice)


def _run_text(run: SourceRun) -> str:
    detail = f" ({run.detail})" if run.detail else ""
    return f"{run.day}: {run.state}, {counted(run.papers, 'paper')}{detail}"


def _chat(settings: Settings) -> Finding:
    if settings.database_url:
        return Finding("chat", Health.GOOD, "talks to this database, and takes no samples in")
    return Finding(
        "chat", Health.GOOD, f"has samples in a file of its own, {settings.trying_out.database_file}"
    )


async def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("Redis", Health.GOOD, "not used")
    trouble = await ping(settings.redis_url)
    if trouble:
        advice = "Nothing is lost without it, but posts may be up to half a minute late."
        return Finding("Redis", Health.WARNING, f"does not answer: {trouble}", advice)
    return Finding("Redis", Health.GOOD, "answers")


async def _platforms(settings: Settings, clock: Clock, *, readable: bool) -> AsyncIterator[Finding]:
    """Check each platform that is set up, and compare its clock with this computer's."""
    try:
        set_up = surfaces_set_up(settings)
        async with services_for_checks(settings) as services:
            async for finding in findings(set_up, settings, services, readable=readable):
                yield finding
            async with opening(set_up, settings)(services) as installed:
                for each in installed.values():
                    with contextlib.suppress(DeliveryError):
                        await each.surface.ping()
                    if each.surface.own_clock is not None:
                        yield _clock(each.surface.own_clock, clock)
    except UserError as error:
        yield Finding("platforms", Health.BAD, "are not set up as they should be", str(error))


def _clock(own: PlatformTime, clock: Clock) -> Finding:
    name = f"clock of {own.name}"
    if not own.known:
        advice = "Nothing is posted there before it answers; that is tried again by itself."
        return Finding(name, Health.WARNING, "it does not tell the time", advice)
    ahead = clock.now() - own.now()
    if abs(ahead) <= MAX_DIFFERENCE:
        return Finding(name, Health.GOOD, "agrees with this computer's")
    text = f"this computer's is {ahead_text(ahead)} it"
    return Finding(
        name, Health.WARNING, text, "Its time is used for what is posted. Set this computer's clock."
    )


async def _model() -> Finding:
    embedder = MiniLM()
    (encoded,) = await embedder.queries(["a test"])
    return Finding("model", Health.GOOD, f"{embedder.name}, {len(encoded.vector) // 4} dimensions")
