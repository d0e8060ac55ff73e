"""Builds a digest's overview message from its plan."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.post import DigestKind, DigestPlan
from bot.domain.source import SourceRun, SourceState
from bot.ports.store.store import Transaction
from bot.protocol.replies import Digest, DigestSection, Hit
from bot.protocol.values import source_label
from bot.protocol.wording import counted

QUIET_TEXT = "Nothing new on your topics this week. The next papers that fit are posted as they come."
RUNS_COUNT_FOR = timedelta(days=1)
"""A digest mentions a source's failed day if the source was polled within this time."""
DAYS_NAMED = 2
OLDEST_DAY = timedelta(days=3)
"""A digest mentions no failed day older than this."""


async def recent_runs(tx: Transaction, now: datetime) -> list[SourceRun]:
    """Return the results of the sources' latest polls, ordered by source and day."""
    runs = await tx.source_runs.since(now.date() - OLDEST_DAY)
    return [run for run in runs if now - run.at < RUNS_COUNT_FOR]


def source_warning(runs: Sequence[SourceRun]) -> str:
    """Say which days' papers are missing, and why; empty if every source was read in full."""
    sentences = []
    for source, of_source in groupby(runs, key=lambda run: run.source):
        name, listed = source_label(source), list(of_source)
        if failed := _days(listed, SourceState.FAILED):
            sentences.append(f"The papers of {failed} are missing: {name} could not be read.")
        if partial := _days(listed, SourceState.PARTIAL):
            sentences.append(f"Only a part of the papers of {partial} has come from {name}.")
    return " ".join(sentences)


def latest_lists_text(runs: Sequence[SourceRun]) -> str:
    """Say how many papers each source listed last; empty if no source could be read.

    A channel reads this when no paper matched, to see that the sources themselves worked.
    """
    whole = [run for run in runs if run.state in {SourceState.COMPLETE, SourceState.EMPTY}]
    latest = {run.source: run for run in whole}.values()
    lists = [f"{source_label(run.source)}, {_listed(run)} on {_day(run)}" for run in latest]
    return f"The latest lists: {'; '.join(lists)}." if lists else ""


def _days(runs: Sequence[SourceRun], state: SourceState) -> str:
    days = [_day(run) for run in runs if run.state is state]
    return " and ".join(days) if len(days) <= DAYS_NAMED else f"{len(days)} days up to {days[-1]}"


def _day(run: SourceRun) -> str:
    return f"{run.day:%A, %-d %B}"


def _listed(run: SourceRun) -> str:
    return counted(run.papers, "paper") if run.papers else "none"


def overview(
    plan: DigestPlan,
    hits: dict[int, Hit],
    topics: dict[int, str],
    runs: Sequence[SourceRun] = (),
    *,
    preview: bool = False,
) -> Digest:
    """Return a digest's first message: one section per topic, in the plan's order.

    If no paper matched, the message quotes from the sources' `runs`.
    """
    # A paper may have been merged into another, or hidden, since the digest was planned.
    still_there = (item for item in plan.items if item.paper_id in hits)
    sections = tuple(
        DigestSection(topics.get(subscription_id, ""), tuple(hits[item.paper_id] for item in items))
        for subscription_id, items in groupby(still_there, key=lambda item: item.subscription_id)
    )
    quiet = f"{QUIET_TEXT} {latest_lists_text(runs)}".rstrip() if plan.kind is DigestKind.NOTHING_NEW else ""
    return Digest(plan.local_date, sections, plan.channel.settings.layout, preview, quiet, plan.warning)
