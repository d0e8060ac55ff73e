"""Imports papers for the command line, from samples, files and sources, and shows the progress."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.wiring import Parts
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.identifiers import title_key
from bot.domain.paper import Contradiction, Outcome, PaperDraft, Update
from bot.domain.source import SAMPLE, SourceDay, SourceRun
from bot.ports.library import AddReport
from bot.ports.sources import Archive
from bot.protocol.values import source_label
from bot.protocol.wording import all_of, counted, quoted
from papers import samples
from papers.formats.records import BadLine

LISTED = 20
"""The most changed papers, and the most contradictions, that are listed."""


@dataclass(slots=True)
class Report:
    """The outcome of an import or a fetch."""

    added: AddReport = field(default_factory=lambda: AddReport(()))
    bad: list[BadLine] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    """How many rows of an export are not papers, by their kind."""

    @property
    def text(self) -> str:
        """One line that counts the new, updated and known papers, and what went wrong."""
        papers = "no paper taken"
        if self.added.stored:
            new, updated, same = (self.added.count(outcome) for outcome in Outcome)
            papers = counted(len(self.added.stored), "paper")
            papers = f"{papers}: {new} new, {updated} updated, {same} known already"
        parts = [papers]
        if self.added.contradictions:
            parts.append(counted(len(self.added.contradictions), "contradiction"))
        if self.passed_over:
            parts.append(f"{counted(self.passed_over.total(), 'row')} of other kinds passed over")
        if self.bad:
            parts.append(counted(len(self.bad), "bad line"))
        return ", ".join(parts)

    def lines(self, limit: int | None = LISTED) -> list[str]:
        """List changed papers and contradictions, up to `limit` of each, and all bad lines."""
        lines = _first_lines([update_text(each) for each in self.added.updates], limit, "updated paper")
        lines += self.contradictions(limit)
        if self.passed_over:
            kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(self.passed_over.items()))
            lines.append(
                f"Passed over, as they are no papers: {kinds}. `move-database` brings all of a database."
            )
        for bad in self.bad:
            lines.append(f"line {bad.number}: {bad.reason}" + (f" ({bad.excerpt})" if bad.excerpt else ""))
        return lines

    def contradictions(self, limit: int | None = LISTED) -> list[str]:
        """List only the contradictions."""
        texts = [contradiction_text(each) for each in self.added.contradictions]
        return _first_lines(texts, limit, "contradiction")


def _first_lines(lines: list[str], limit: int | None, what: str) -> list[str]:
    if limit is None or len(lines) <= limit:
        return lines
    return [*lines[:limit], f"and {counted(len(lines) - limit, f'more {what}')}"]


def update_text(update: Update) -> str:
    """Return what changed in a paper: `#12 “A title”: authors, abstract`."""
    changed = list(update.fields)
    if update.absorbed:
        changed.append(f"is one with {', '.join(f'#{each}' for each in update.absorbed)} now")
    return f"#{update.paper_id} {quoted(update.title)}: {', '.join(changed)}"


def contradiction_text(found: Contradiction) -> str:
    """Return which two papers contradict each other, what was done, and how to put it right."""
    names = all_of(map(str, found.identifiers))
    return (
        f"{quoted(found.title)} says {names}, which is {quoted(found.other_title)} (#{found.other_id}) here; "
        f"both are kept, this one as #{found.paper_id} without it. "
        f"If they are one paper: paperclub papers merge {found.other_id} {found.paper_id}"
    )


async def load_samples(parts: Parts, console: Console) -> None:
    """Import the sample papers if there are no papers yet, or if their last import was interrupted."""
    name = parts.embedder.name
    # Before their papers are stored or read, so that nobody waits until these are encoded.
    async with parts.store.reading() as tx:
        missing = await tx.embeddings.count_missing(name) or not await tx.papers.count()
    if missing:
        async with parts.store.writing() as tx:
            await tx.embeddings.put(name, samples.vectors(name))
    with as_file(files("papers.samples") / "papers.jsonl") as path:
        if await _needs_samples(parts):
            report = await import_file(parts, path, console, source=SAMPLE)
            console.print(f"{len(report.added.stored)} sample papers are in.", style="dim")


async def _needs_samples(parts: Parts) -> bool:
    async with parts.store.reading() as tx:
        if await tx.papers.count() == 0:
            return True
        titles = map(title_key, samples.first_and_last_title())
        first, last = [await tx.papers.find_by_title(key) for key in titles]
    return first is not None and last is None


async def import_file(parts: Parts, path: Path, console: Console, source: str = "") -> Report:
    """Import a file's papers; `-` is the standard input. Samples are left out unless `source` is SAMPLE.

    Raises:
        UserError: the file cannot be read, or its format is unknown.

    """
    # All formats together take a while to import. The samples are in already in most consoles.
    from papers.formats.files import read  # noqa: PLC0415 - as just said

    report, left_out = Report(), 0
    file, name = (sys.stdin.buffer, "standard input") if str(path) == "-" else (path, path.name)

    def good() -> Iterator[PaperDraft]:
        today = parts.clock.now().date()
        for each in read(file, name, source=source, passed_over=report.passed_over, today=today):
            if isinstance(each, BadLine):
                report.bad.append(each)
            elif each.source == SAMPLE != source:
                nonlocal left_out
                left_out += 1
            else:
                yield each

    with _progress(console, name) as advance:
        report.added = await parts.library.add(good(), advance)
    if left_out:
        console.print(
            f"{counted(left_out, 'sample')} left out of {name}: they are only for trying the bot out."
        )
    return report


async def fetch_span(
    parts: Parts, name: str, first: date, last: date, console: Console
) -> tuple[SourceDay, Report]:
    """Fetch a source's papers of a day, a week or a month. For a day, also record how the fetch went.

    Raises:
        UserError: there is no such source.

    """
    archive = _archive(parts, name)
    with console.status(f"Asking {source_label(name)} for {_span(first, last)} …"):
        listed = await (archive.listed_on(first) if first == last else archive.listed_in(first, last))
    report = await _add_drafts(parts, name, listed.drafts, console)
    if first == last:
        run = SourceRun(name, first, listed.state, len(listed.drafts), parts.clock.now(), listed.detail)
        async with parts.store.writing() as tx:
            await tx.source_runs.record(run)
    return listed, report


async def fetch_found(parts: Parts, name: str, words: str, limit: int, console: Console) -> Report:
    """Fetch the papers that a source finds for some words.

    Raises:
        UserError: there is no such source, or it does not answer.

    """
    archive = _archive(parts, name)
    try:
        with console.status(f"Asking {source_label(name)} …"):
            found = await archive.search(words, limit)
    except SourceUnavailable as failure:
        raise UserError(f"{source_label(name)} could not be asked: {failure.detail}.") from None
    return await _add_drafts(parts, name, found, console)


def _archive(parts: Parts, name: str) -> Archive:
    by_name = {archive.name: archive for archive in parts.sources.archives}
    if name not in by_name:
        raise UserError(f"There is no source “{name}”. There are: {', '.join(by_name)}.")
    return by_name[name]


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


async def _add_drafts(parts: Parts, name: str, drafts: Sequence[PaperDraft], console: Console) -> Report:
    with _progress(console, name) as advance:
        return Report(await parts.library.add(drafts, advance))


@contextmanager
def _progress(console: Console, name: str) -> Iterator[Callable[[int], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} papers"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"Taking in {name}", total=None)
        yield lambda papers: progress.advance(task, papers)
