"""The operator's corrections: split a paper that was merged by mistake, merge two, or edit one."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.descriptions import OPERATORS_WORD, Split, amended, joined
from bot.domain.identifiers import Identifier
from bot.domain.merging import merged
from bot.domain.paper import Paper, PaperDraft
from bot.intake.paper_store import update_paper
from bot.intake.source_records import keep_description
from bot.ports.store.store import Transaction


async def split_paper(tx: Transaction, parts: Split) -> int:
    """Split a paper in two. Returns the id of the new one.

    The two are never merged again. An identifier that both sides claimed belongs to one of them only, and is
    rejected for the other, whatever sources say.
    """
    rows = tx.paper_rows
    await rows.lock()
    before, old_id = parts.before, parts.before.id
    # Identifiers are unique: the old paper must give them up before the new one can have them.
    await rows.remove_identifiers(old_id, parts.new.identifiers)
    new_id = await rows.insert(parts.new, before.added, before.team_id)
    await tx.source_records.move(old_id, parts.taken, new_id)
    await update_paper(tx, [replace(before, identifiers=parts.old.identifiers)], parts.old)
    # What the old paper was separated from before must not be merged with the new one either.
    separated = (await rows.separated()).separated_from(old_id)
    await rows.separate(new_id, {old_id, *separated})
    await rows.reject_identifiers(old_id, [name for name, moves in parts.shared.items() if moves])
    await rows.reject_identifiers(new_id, [name for name, moves in parts.shared.items() if not moves])
    return new_id


async def merge_papers(tx: Transaction, kept: Paper, gone: Paper, now: datetime) -> None:
    """Merge the paper `gone` into `kept`, even if the two were separated.

    The operator's earlier edits of both are kept. Where they contradict, those of `kept` count.
    """
    await tx.paper_rows.lock()
    gone_edits, kept_edits = [await _operators_edits(tx, paper.id) for paper in (gone, kept)]
    result = joined(kept, gone)
    if gone_edits is not None:
        edits = amended(gone_edits, kept_edits) if kept_edits is not None else gone_edits
        result = merged(result, edits)
        await keep_description(tx.source_records, kept.id, edits, now, OPERATORS_WORD)
    await tx.paper_rows.absorb(gone.id, kept.id)
    await update_paper(tx, [kept, gone], result)


async def edit_paper(
    tx: Transaction, before: Paper, word: PaperDraft, dropped: Collection[Identifier], now: datetime
) -> Paper:
    """Store the operator's edit, which wins over every source from now on. Returns the edited paper.

    No source can bring back an identifier in `dropped`.
    """
    rows = tx.paper_rows
    await rows.lock()
    await rows.remove_identifiers(before.id, dropped)
    await rows.reject_identifiers(before.id, dropped)
    without_dropped = replace(before, identifiers=before.identifiers - frozenset(dropped))
    edited = merged(without_dropped, word)
    description = amended(await _operators_edits(tx, before.id), word, dropped)
    await keep_description(tx.source_records, before.id, description, now, OPERATORS_WORD)
    await update_paper(tx, [without_dropped], edited)
    await rows.accept_own_identifiers(before.id)
    return edited


async def _operators_edits(tx: Transaction, paper_id: int) -> PaperDraft | None:
    """Return the operator's edits of a paper so far, as one draft; None if there are none."""
    descriptions = await tx.source_records.of_paper(paper_id)
    return next((each.draft for each in descriptions if each.record == OPERATORS_WORD), None)
