"""`related`: list papers near to a paper, its references, what cites it, or what to read after it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.lists import pinned_results
from bot.conversation.parameters import PAGE, PAPER
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, preferred
from bot.domain.paper import Paper, PaperDraft
from bot.ports.store.citations import Citation, CitationLink
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Nearness, Notice, Reply, SearchResults

MOST_RESULTS = 20
CANDIDATES = 100
"""How many of the nearest papers are looked at. Those that citations link to the paper move up among them."""
LINKED = 0.2
"""What a citation, in either direction, adds to how near two papers are, on a scale from 0 to 1.

`benchmarks/citations.py` measures it; docs/search.md has the figures.
"""
SHARED_REFERENCE = 0.04
WORDS_TOLD = 3
HEADINGS = {
    "near": "Near to",
    "references": "References of",
    "citations": "Papers citing",
    "recommended": "Recommended after",
}
KIND = Parameter(
    "kind",
    values.one_of(tuple(HEADINGS)),
    "near by words and meaning; or, by Semantic Scholar, what it cites, what cites it, or what to read next",
    "references",
    positional=True,
    choices=tuple(HEADINGS),
)


async def handle(ctx: CommandContext) -> Reply:
    """List papers related to a paper, or turn a page of such a list."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    kind = ctx.arguments.get(KIND) or "near"
    heading = f"{HEADINGS[kind]} #{paper.id} {paper.title}"
    found = await _find(ctx, paper, kind) if ctx.result_list is None else ctx.result_list.paper_ids
    if not found:
        return Notice(_nothing(ctx, paper, kind))
    results = await pinned_results(ctx, "related", heading, found, {})
    return await _with_reasons(ctx, paper, results) if kind == "near" else results


async def _find(ctx: CommandContext, paper: Paper, kind: str) -> list[int]:
    if kind == "near":
        return await _near(ctx, paper)
    drafts = await _fetch(ctx, paper, kind)
    if kind != "recommended":
        await _record(ctx, paper, drafts, citing=kind == "citations")
    return await _store(ctx, drafts)


async def _record(ctx: CommandContext, paper: Paper, drafts: list[PaperDraft], *, citing: bool) -> None:
    """Record who cites whom, for all that have an identifier, even if they become no papers here."""
    services, own = ctx.services, _identifier_of(paper)
    others = [preferred(draft.identifiers) for draft in drafts if draft.identifiers]
    pairs = [Citation(other, own) if citing else Citation(own, other) for other in others]
    if not pairs:
        return
    async with services.store.writing() as tx:
        await tx.citations.put(pairs, services.citations.name, services.clock.now())


async def _near(ctx: CommandContext, paper: Paper) -> list[int]:
    """Rank papers by words and meaning, and move up those that citations link to the paper."""
    near = await ctx.services.search.related(paper.id, CANDIDATES, ctx.context.team_id)
    links = await _links(ctx, paper, [each.paper_id for each in near])
    scores = {each.paper_id: each.score + _closer(links.get(each.paper_id)) for each in near}
    return sorted(scores, key=lambda each: (-scores[each], each))[:MOST_RESULTS]


async def _links(ctx: CommandContext, paper: Paper, others: list[int]) -> Mapping[int, CitationLink]:
    async with ctx.services.store.reading() as tx:
        return await tx.citations.links(paper.id, others, ctx.context.team_id)


def _closer(link: CitationLink | None) -> float:
    """Return what a link by citations adds to how near two papers are."""
    if link is None:
        return 0.0
    direct = LINKED if link.cites or link.cited else 0.0
    return direct + min(LINKED, SHARED_REFERENCE * link.shared_references)


def _nothing(ctx: CommandContext, paper: Paper, kind: str) -> str:
    if kind == "near":
        return f"There is no other paper yet to compare #{paper.id} with."
    return f"{values.source_label(ctx.services.citations.name)} tells of no papers for #{paper.id}."


async def _with_reasons(ctx: CommandContext, paper: Paper, results: SearchResults) -> SearchResults:
    """Say of each paper on a page why it is near."""
    shown = [hit.paper for hit in results.hits]
    words = await ctx.services.search.shared_words(paper, shown)
    links = await _links(ctx, paper, [each.id for each in shown])
    reasons = [
        Nearness(*links.get(each.id, CitationLink()), words=tuple(words_of_both[:WORDS_TOLD]))
        for each, words_of_both in zip(shown, words, strict=True)
    ]
    hits = zip(results.hits, reasons, strict=True)
    return replace(results, hits=tuple(replace(hit, near=reason) for hit, reason in hits))


async def _fetch(ctx: CommandContext, paper: Paper, kind: str) -> list[PaperDraft]:
    identifier = _identifier_of(paper)
    citations = ctx.services.citations
    await ctx.conversation.working(f"Asking {values.source_label(citations.name)} …")
    try:
        match kind:
            case "references":
                return await citations.references(identifier, 10 * MOST_RESULTS)
            case "citations":
                return await citations.citing(identifier, 10 * MOST_RESULTS)
            case _:
                return await citations.recommended(identifier, MOST_RESULTS)
    except SourceUnavailable as failure:
        raise UserError(
            f"{values.source_label(failure.source)} could not be asked: {failure.detail}. Try again later."
        ) from None


def _identifier_of(paper: Paper) -> Identifier:
    names = [name for name in paper.identifiers if name.scheme in {Scheme.ARXIV, Scheme.DOI}]
    if not names:
        raise UserError(f"#{paper.id} has no arXiv id or DOI to ask for.")
    return preferred(names)


async def _store(ctx: CommandContext, drafts: list[PaperDraft]) -> list[int]:
    """Store the drafts that have an abstract, and return their papers' ids."""
    readable = [draft for draft in drafts if draft.abstract][:MOST_RESULTS]
    report = await ctx.services.library.add(readable)
    return list(dict.fromkeys(paper_id for paper_id, _ in report.stored))


RELATED = Command(
    "related",
    "List the papers nearest to a paper, those it cites, or those that cite it",
    handle,
    (PAPER, KIND, PAGE),
    ("related #57", "related #57 references", "related #57 citations"),
    private=True,
    programs=ForPrograms.READS,
)
