"""Keeping what a source said of a paper, so that the paper can be made anew of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.descriptions import MOST_RECORDS, OPERATORS_WORD, record_name, replaces
from bot.domain.paper import PaperDraft
from bot.domain.source import Description, is_registered
from bot.ports.store.source_records import SourceRecords

_MOMENT = timedelta(microseconds=1)


async def keep_description(
    records: SourceRecords, paper_id: int, draft: PaperDraft, now: datetime, record: str = ""
) -> None:
    """Keep a description in the place of its record's last one.

    It takes the place of a description without a text, too: databases of earlier versions hold no more.
    """
    record = record or record_name(draft)
    before = await records.of_source(paper_id, draft.source)
    await _make_way(records, paper_id, draft, record, before)
    # Of records that come in one moment the last one stays the latest when a paper is made anew.
    seen = max([now, *(each.seen + _MOMENT for each in before)])
    await records.put(paper_id, record, draft, seen)


async def _make_way(
    records: SourceRecords, paper_id: int, draft: PaperDraft, record: str, before: Sequence[Description]
) -> None:
    """Delete the descriptions that a draft takes the place of.

    A file's description is only set aside, and is known when it comes again. Otherwise two files that differ
    would change a paper back and forth each time they are imported.
    """
    digest = draft.digest
    current = [each for each in before if not each.aside]
    others = [each for each in current if each.record not in {record, OPERATORS_WORD}]
    gone = set(_outdated(draft, others))
    if not is_registered(draft.source):
        again = [each.record for each in before if each.aside and each.digest == digest]
        aside = sorted((each for each in before if each.aside), key=lambda each: each.seen)
        gone |= {*again, *(each.record for each in aside[:-MOST_RECORDS])}
        for each in current:
            replaced = each.record == record or each.record in gone
            if each.record and replaced and each.digest != digest:
                await records.set_aside(paper_id, each)
    if gone:
        await records.delete(paper_id, draft.source, gone)


def _outdated(draft: PaperDraft, others: Sequence[Description]) -> list[str]:
    """Those of a source's other records that a description takes the place of."""
    current = [
        each.record
        for each in sorted(others, key=lambda each: each.seen)
        if each.draft is not None and not replaces(draft, each.draft)
    ]
    kept = set(current[-(MOST_RECORDS - 1) :])
    return [each.record for each in others if each.record not in kept]
