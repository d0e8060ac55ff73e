"""A digest as it is drawn: from what was planned."""

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
"""So long after it was asked for a digest tells of a source's day that went wrong."""
DAYS_NAMED = 2
DAYS_TOLD = timedelta(days=3)
"""Older days are not told of."""


async def runs_of_late(tx: Transaction, now: datetime) -> list[SourceRun]:
    """How the sources' last days went, as far as they were asked for of late; by source and day."""
    runs = await tx.source_runs.since(now.date() - DAYS_TOLD)
    return [run for run in runs if now - run.at < RUNS_COUNT_FOR]


def source_warning(runs: Sequence[SourceRun]) -> str:
    """What people should know about the sources' last days; empty where all went well."""
    sentences = []
    for source, of_source in groupby(runs, key=lambda run: run.source):
        name, listed = source_label(source), list(of_source)
        if failed := _days(listed, SourceState.FAILED):
            sentences.append(f"The papers of {failed} are missing: {name} could not be read.")
        if partial := _days(listed, SourceState.PARTIAL):
            sentences.append(f"Only a part of the papers of {partial} has come from {name}.")
    return " ".join(sentences)


def why_nothing(runs: Sequence[SourceRun]) -> str:
    """What came where nothing fits; empty where no source came through."""
    whole = [run for run in runs if run.state in {SourceState.COMPLETE, SourceState.EMPTY}]
    latest = {run.source: run for run in whole}.values()
    told = [f"{source_label(run.source)}, {_listed(run)} on {_day(run)}" for run in latest]
    return f"The latest lists: {'; '.join(told)}." if told else ""


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
    """Draw up a digest's first message: a section a topic, in the plan's order.

    Where there is none, the sources' `runs` say why.
    """
    still_there = (item for item in plan.items if item.paper_id in hits)
    sections = tuple(
        DigestSection(topics.get(subscription_id, ""), tuple(hits[item.paper_id] for item in items))
        for subscription_id, items in groupby(still_there, key=lambda item: item.subscription_id)
    )
    quiet = f"{QUIET_TEXT} {why_nothing(runs)}".rstrip() if plan.kind is DigestKind.NOTHING_NEW else ""
    return Digest(plan.local_date, sections, plan.channel.settings.layout, preview, quiet, plan.warning)
