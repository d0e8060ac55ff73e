"""`paperclub papers`: shows the operator what each source says about a paper, and corrects the paper."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from rich.console import RenderableType
from rich.table import Table

from app.settings import Settings
from app.wiring import prepare_folders, wake_others
from bot.domain.cleaning import clean, clean_text
from bot.domain.descriptions import Split
from bot.domain.descriptions import split as parted
from bot.domain.errors import UserError
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import Paper, PaperDraft
from bot.domain.source import OPERATOR, Description
from bot.intake.corrections import edit_paper, merge_papers, split_paper
from bot.ports.clock import Clock
from bot.protocol.values import source_label
from bot.protocol.wording import counted
from papers.text import clean_abstract, clean_title
from storage.sql.migrations import migrate
from storage.sql.repositories.paper_admin import Dependents
from storage.sql.store import SqlStore, SqlTransaction

Ask = Callable[[str], None]
"""Asks whether to go on. If the answer is no, it raises and so ends the command."""

LONGEST_TITLE = 1_000
LONGEST_ABSTRACT = 100_000
_MOST_DIGITS = 18
_CHANGED = (
    "It has changed meanwhile, so that nothing was done. Look at it again with `paperclub papers show`."
)


@dataclass(frozen=True, slots=True)
class Edit:
    """The operator's changes to a paper, as typed. Fields that are empty do not change."""

    title: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published: date | None = None
    add: tuple[str, ...] = field(default=())
    drop: tuple[str, ...] = field(default=())


async def show(settings: Settings, which: str) -> list[RenderableType]:
    """Return a paper, and a numbered list of what each record of each source says about it.

    Raises:
        UserError: there is no such paper.

    """
    async with _open_store(settings) as store, store.reading() as tx:
        paper = await _find(tx, which)
        said = await tx.source_records.of_paper(paper.id)
        apart = (await tx.paper_rows.separated()).separated_from(paper.id)
        dependents = await tx.paper_admin.count_dependents(paper.id)
    names = ", ".join(map(str, sorted(paper.identifiers))) or "no identifier"
    lines: list[RenderableType] = [
        _numbered_heading(paper),
        f"{names}; {_owner(paper)}",
        _counts(dependents),
    ]
    if apart:
        lines.append(f"Kept apart from {', '.join(f'#{each}' for each in sorted(apart))}.")
    return [*lines, _table(said)]


async def split(
    settings: Settings,
    which: str,
    take: Collection[int],
    give: Sequence[str],
    *,
    ask: Ask,
    tell: Callable[[str], None],
) -> str:
    """Split a paper that was merged by mistake. Returns a line that names the two papers.

    `take` are the numbers, in the list of `show`, of the descriptions that make the new paper. `give` are
    identifiers on both sides that become the new paper's. `tell` shows a line, before `ask`.

    Raises:
        UserError: there is no such paper, or it cannot be split in this way.

    """
    given = [_identifier(each) for each in give]
    async with _open_store(settings) as store:
        async with store.reading() as tx:
            paper = await _find(tx, which)
            parts = parted(paper, await tx.source_records.of_paper(paper.id), take, given)
            dependents = await tx.paper_admin.count_dependents(paper.id)
        for line in _split_lines(parts, dependents):
            tell(line)
        ask(f"Make two papers of #{paper.id}?")
        async with store.writing() as tx:
            again = await _find(tx, str(paper.id))
            if parted(again, await tx.source_records.of_paper(again.id), take, given) != parts:
                raise UserError(_CHANGED)
            new_id = await split_paper(tx, parts)
    await wake_others(settings)
    return f"#{paper.id} is “{parts.old.title}”, and #{new_id} is “{parts.new.title}”. They stay two."


async def merge(
    settings: Settings, which: str, other: str, clock: Clock, *, ask: Ask, tell: Callable[[str], None]
) -> str:
    """Merge two papers under the first one's number. Returns a line that says so.

    Raises:
        UserError: there is no such paper, or the two cannot be merged.

    """
    async with _open_store(settings) as store:
        async with store.reading() as tx:
            kept, gone = await _find(tx, which), await _find(tx, other)
            _require_mergeable(kept, gone)
            dependents = await tx.paper_admin.count_dependents(gone.id)
        tell(f"stays: {_numbered_heading(kept)}")
        tell(f"becomes a part of it: {_numbered_heading(gone)}")
        tell(f"#{gone.id}: {_counts(dependents)} All of it goes to #{kept.id}.")
        ask(f"Make #{gone.id} one with #{kept.id}?")
        async with store.writing() as tx:
            if [await tx.paper_admin.find(each.id) for each in (kept, gone)] != [kept, gone]:
                raise UserError(_CHANGED)
            await merge_papers(tx, kept, gone, clock.now())
    await wake_others(settings)
    return f"#{gone.id} is #{kept.id} now."


async def edit(settings: Settings, which: str, wanted: Edit, clock: Clock) -> list[str]:
    """Store the operator's edit, which wins over every source. Returns a line for each change.

    Raises:
        UserError: there is no such paper, or a value is not allowed.

    """
    draft = _draft_of(wanted)
    dropped = frozenset(_identifier(each) for each in wanted.drop)
    async with _open_store(settings) as store, store.writing() as tx:
        paper = await _find(tx, which)
        await _require_free(tx, paper, draft.identifiers, dropped)
        after = await edit_paper(tx, paper, draft, dropped, clock.now())
    await wake_others(settings)
    return [f"#{paper.id}: {line}" for line in _changes(paper, after)] or [f"#{paper.id} is so already."]


async def remove(
    settings: Settings, which: str, clock: Clock, *, ask: Ask, tell: Callable[[str], None]
) -> str:
    """Delete a paper and everything about it. Returns a line that says so.

    Raises:
        UserError: there is no such paper, or a post of it is being sent right now.

    """
    async with _open_store(settings) as store:
        async with store.reading() as tx:
            paper = await _find(tx, which)
            dependents = await tx.paper_admin.count_dependents(paper.id)
        tell(_numbered_heading(paper))
        tell(f"{_counts(dependents)} All of that goes with it; messages that were sent stay where they are.")
        ask(f"Remove #{paper.id} for good?")
        async with store.writing() as tx:
            if await tx.paper_admin.find(paper.id) != paper:
                raise UserError(_CHANGED)
            if await tx.paper_admin.is_being_sent(paper.id, clock.now()):
                raise UserError("A post with it is being sent at this moment. Try again in a few minutes.")
            await tx.paper_admin.remove(paper.id)
    await wake_others(settings)
    return f"#{paper.id} is removed. If a source tells of it again, it comes in as a new paper."


@asynccontextmanager
async def _open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    prepare_folders(settings)
    await migrate(settings.database)
    store = SqlStore(settings.database)
    try:
        yield store
    finally:
        await store.close()


async def _find(tx: SqlTransaction, which: str) -> Paper:
    number = which.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
        paper = await tx.paper_admin.find(int(number))
        if paper is None:
            raise UserError(f"There is no paper #{number}.")
        return paper
    name = _identifier(which)
    paper_id = await tx.paper_admin.find_by_identifier(name, None)
    paper = await tx.paper_admin.find(paper_id) if paper_id is not None else None
    if paper is None:
        raise UserError(f"No open paper has {name}. What is a team's own is found by its number alone.")
    return paper


def _identifier(written: str) -> Identifier:
    name = parse(clean_text(written))
    if name is None:
        raise UserError(
            f"“{clean_text(written)}” is neither the number of a paper nor one identifier, such as "
            "10.1000/182 or arXiv:2406.01234."
        )
    return name


def _require_mergeable(kept: Paper, gone: Paper) -> None:
    if kept.id == gone.id:
        raise UserError(f"Both are #{kept.id} already.")
    if kept.team_id == gone.team_id:
        return
    if kept.team_id is not None and gone.team_id is not None:
        raise UserError(
            f"#{kept.id} and #{gone.id} are two teams' own papers, and no team sees what another brought. "
            "They become one by themselves once an open source tells of the paper."
        )
    owned, known = (kept, gone) if kept.team_id is not None else (gone, kept)
    raise UserError(
        f"#{owned.id} is a team's own paper, and #{known.id} is open to all. They become one by themselves "
        "once a source tells of the paper by a name that both have, or by its title."
    )


async def _require_free(
    tx: SqlTransaction, paper: Paper, added: Collection[Identifier], dropped: Collection[Identifier]
) -> None:
    for name in sorted(added):
        for team_id in {paper.team_id, None}:
            bearer = await tx.paper_admin.find_by_identifier(name, team_id)
            if bearer is not None and bearer != paper.id:
                raise UserError(
                    f"{name} is the name of #{bearer}. Drop it there first, or merge the two with "
                    f"`paperclub papers merge {paper.id} {bearer}`."
                )
    for name in sorted(dropped):
        if name in added:
            raise UserError(f"{name} cannot be added and dropped at once.")
        if name not in paper.identifiers:
            raise UserError(f"#{paper.id} has no {name}. It has: {_names(paper.identifiers)}.")


def _draft_of(wanted: Edit) -> PaperDraft:
    """Check the operator's changes, and return them as a draft.

    Raises:
        UserError: there is no change, or a value is not allowed.

    """
    if wanted == Edit():
        raise UserError("Say what to change, such as --title or --year; --help lists all.")
    title, abstract = clean_title(wanted.title), clean_abstract(wanted.abstract)
    if wanted.title and not any(char.isalnum() for char in title):
        raise UserError("A title has at least a letter or a digit.")
    if len(title) > LONGEST_TITLE or len(abstract) > LONGEST_ABSTRACT:
        raise UserError(
            f"A title has at most {LONGEST_TITLE:,} characters, and an abstract {LONGEST_ABSTRACT:,}."
        )
    authors = tuple(filter(None, map(clean_title, wanted.authors)))
    names = frozenset(_identifier(each) for each in wanted.add)
    return clean(PaperDraft(title, abstract, OPERATOR, authors, names, published=wanted.published))


def _changes(before: Paper, after: Paper) -> list[str]:
    parts = {
        "title": (before.title, after.title),
        "abstract": (before.abstract, after.abstract),
        "authors": ("; ".join(before.authors), "; ".join(after.authors)),
        "published": (before.published, after.published),
        "identifiers": (_names(before.identifiers), _names(after.identifiers)),
    }
    return [f"{name}: {old or 'none'} → {new or 'none'}" for name, (old, new) in parts.items() if old != new]


def _split_lines(parts: Split, dependents: Dependents) -> list[str]:
    number = parts.before.id
    lines = [f"stays: {_numbered_heading(parts.old)}", f"new: {_heading(parts.new)}"]
    for paper, place in ((parts.old, f"#{number}"), (parts.new, "the new paper")):
        if paper.identifiers:
            lines.append(f"{_names(paper.identifiers)}: with {place}")
    for name, goes in parts.shared.items():
        other = (
            "goes to the new paper"
            if goes
            else f"stays with #{number}; --give {name} gives it to the new one"
        )
        lines.append(f"{name} is told on both sides, and {other}.")
    lines.append(f"{_counts(dependents)} All of it stays with #{number}, as people know that number.")
    return lines


def _table(said: Sequence[Description]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("", "source", "when", "identifiers", "title", "first author", "year"):
        table.add_column(name, overflow="fold")
    for number, each in enumerate(said, start=1):
        draft = each.draft
        row = ["", "(its text was not kept)", "", ""] if draft is None else _row(draft)
        table.add_row(str(number), source_label(each.source), f"{each.seen:%Y-%m-%d}", *row)
    return table


def _row(draft: PaperDraft) -> list[str]:
    year = str(draft.published.year) if draft.published else ""
    return [_names(draft.identifiers, ""), draft.title, next(iter(draft.authors), ""), year]


def _names(names: Collection[Identifier], nothing: str = "none") -> str:
    return ", ".join(map(str, sorted(names))) or nothing


def _numbered_heading(paper: Paper) -> str:
    return f"#{paper.id} {_heading(paper)}"


def _heading(paper: Paper) -> str:
    """Return a paper's title, with its first author and year if they are known."""
    author = f"{paper.authors[0]}{' and others' if paper.authors[1:] else ''}" if paper.authors else ""
    details = ", ".join(filter(None, (author, str(paper.published.year) if paper.published else "")))
    return f"{paper.title} ({details})" if details else paper.title


def _owner(paper: Paper) -> str:
    return "open to all" if paper.team_id is None else "a team's own"


def _counts(dependents: Dependents) -> str:
    """Return a sentence that counts what belongs to a paper, such as its votes."""
    parts = [
        counted(dependents.votes, "vote"),
        counted(dependents.discussions, "discussion"),
        counted(dependents.saved, "reading list"),
        counted(dependents.messages, "message"),
        counted(dependents.posted, "post") + " sent",
        counted(dependents.planned, "post") + " planned",
    ]
    return f"It has {', '.join(parts)}."
