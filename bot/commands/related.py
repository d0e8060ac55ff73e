"""`related`: list similar papers, a paper's references, or what to read after it."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.lists import pinned_results
from bot.conversation.parameters import PAGE, PAPER
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper, PaperDraft
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply

MOST_RESULTS = 20
HEADINGS = {"near": "Near to", "references": "Cited by", "recommended": "Recommended after"}
KIND = Parameter(
    "kind",
    values.one_of(tuple(HEADINGS)),
    "near in meaning, or as Semantic Scholar knows them: what it cites, or what to read next",
    "references",
    positional=True,
    choices=tuple(HEADINGS),
)


async def handle(ctx: CommandContext) -> Reply:
    """List papers related to a paper, or turn a page of such a list."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    kind = ctx.arguments.get(KIND) or "near"
    heading = f"{HEADINGS[kind]} #{paper.id} {paper.title}"
    if ctx.result_list is not None:
        return await pinned_results(
            ctx, "related", heading, ctx.result_list.paper_ids, ctx.result_list.sentences
        )
    if kind == "near":
        near = await ctx.services.search.related(paper.id, MOST_RESULTS, ctx.context.team_id)
        found = [match.paper_id for match in near]
        nothing = f"There is no other paper yet to compare #{paper.id} with."
    else:
        found = await _store(ctx, await _fetch(ctx, paper, kind))
        source = values.source_label(ctx.services.citations.name)
        nothing = f"{source} tells of no papers for #{paper.id}."
    return await pinned_results(ctx, "related", heading, found, {}) if found else Notice(nothing)


async def _fetch(ctx: CommandContext, paper: Paper, kind: str) -> list[PaperDraft]:
    identifier = _identifier_of(paper)
    citations = ctx.services.citations
    await ctx.conversation.working(f"Asking {values.source_label(citations.name)} …")
    try:
        if kind == "references":
            return await citations.references(identifier, 10 * MOST_RESULTS)
        return await citations.recommended(identifier, MOST_RESULTS)
    except SourceUnavailable as failure:
        raise UserError(
            f"{values.source_label(failure.source)} could not be asked: {failure.detail}. Try again later."
        ) from None


def _identifier_of(paper: Paper) -> Identifier:
    names = sorted(name for name in paper.identifiers if name.scheme in {Scheme.ARXIV, Scheme.DOI})
    if not names:
        raise UserError(f"#{paper.id} has no arXiv id or DOI to ask for.")
    return names[0]


async def _store(ctx: CommandContext, drafts: list[PaperDraft]) -> list[int]:
    """Store the drafts that have an abstract, and return their papers' ids."""
    readable = [draft for draft in drafts if draft.abstract][:MOST_RESULTS]
    report = await ctx.services.library.add(readable)
    return list(dict.fromkeys(paper_id for paper_id, _ in report.stored))


RELATED = Command(
    "related",
    "List the papers nearest to a paper, or those it cites",
    handle,
    (PAPER, KIND, PAGE),
    ("related #57", "related #57 references"),
    private=True,
    programs=ForPrograms.READS,
)
