"""What the operator puts right: part two papers that were merged, join two, say what is true of one."""

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
    """Make two papers of one; the number of the new one.

    Neither becomes one with the other again, and what is the one's identifier is not the other's any more.
    """
    rows = tx.paper_rows
    await rows.lock()
    before, old_id = parts.before, parts.before.id
    # An identifier is one paper's: it leaves the old paper before the new one can have it.
    await rows.remove_identifiers(old_id, parts.new.identifiers)
    new_id = await rows.insert(parts.new, before.added, before.team_id)
    await tx.source_records.move(old_id, parts.taken, new_id)
    await update_paper(tx, [replace(before, identifiers=parts.old.identifiers)], parts.old)
    twins = (await rows.separated()).separated_from(old_id)
    await rows.separate(new_id, {old_id, *twins})
    await rows.reject_identifiers(old_id, [name for name, goes in parts.shared.items() if goes])
    await rows.reject_identifiers(new_id, [name for name, goes in parts.shared.items() if not goes])
    return new_id


async def merge_papers(tx: Transaction, kept: Paper, gone: Paper, now: datetime) -> None:
    """Make two papers one, though they were kept apart."""
    await tx.paper_rows.lock()
    gone_word, kept_word = [await _operators_word(tx, paper.id) for paper in (gone, kept)]
    together = joined(kept, gone)
    if gone_word is not None:
        word = amended(gone_word, kept_word) if kept_word is not None else gone_word
        together = merged(together, word)
        await keep_description(tx.source_records, kept.id, word, now, OPERATORS_WORD)
    await tx.paper_rows.absorb(gone.id, kept.id)
    await update_paper(tx, [kept, gone], together)


async def edit_paper(
    tx: Transaction, before: Paper, word: PaperDraft, dropped: Collection[Identifier], now: datetime
) -> Paper:
    """Let the operator's word stand above every source's; identifiers that are dropped stay away."""
    rows = tx.paper_rows
    await rows.lock()
    await rows.remove_identifiers(before.id, dropped)
    await rows.reject_identifiers(before.id, dropped)
    left = replace(before, identifiers=before.identifiers - frozenset(dropped))
    together = merged(left, word)
    description = amended(await _operators_word(tx, before.id), word, dropped)
    await keep_description(tx.source_records, before.id, description, now, OPERATORS_WORD)
    await update_paper(tx, [left], together)
    await rows.accept_own_identifiers(before.id)
    return together


async def _operators_word(tx: Transaction, paper_id: int) -> PaperDraft | None:
    """What the operator has said of a paper so far."""
    descriptions = await tx.source_records.of_paper(paper_id)
    return next((each.draft for each in descriptions if each.record == OPERATORS_WORD), None)
