"""`add`: add a paper by its link.

A source's record of the paper is open to every team. The person's own link and title stay with their team.
"""

from dataclasses import dataclass, replace

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import Outcome, PaperDraft
from bot.domain.source import LINK as LINK_ALONE
from bot.domain.source import PEOPLE, source_info
from bot.intake.lookup import find_by_name, look_up, look_up_title
from bot.protocol import values
from bot.protocol.arguments import Parameter, cut
from bot.protocol.replies import PaperCard, Reply
from bot.protocol.wording import all_of

LINK = Parameter(
    "link",
    values.link,
    "the paper's link, arXiv id or DOI",
    "https://arxiv.org/abs/2406.01234",
    required=True,
    positional=True,
)
TITLE = Parameter("title", values.text, "its title, for a link that no source knows", '"A title"')
KNOWN = "It was here already."


async def handle(ctx: CommandContext) -> Reply:
    """Show the paper if it is known; otherwise ask the sources for it and store it."""
    link = ctx.arguments.need(LINK)
    identifier = parse(link)
    async with ctx.services.store.reading() as tx:
        known = await find_by_name(tx, link, ctx.context.team_id)
        paper = (await tx.papers.get([known], ctx.context.team_id)).get(known) if known is not None else None
    if paper is not None and paper.source != LINK_ALONE:
        return await _submitted(ctx, paper.id, KNOWN)
    if identifier is None and not _is_address(link):
        raise UserError(
            f"“{cut(link)}” is no link, arXiv id or DOI. It goes like this: `add arxiv.org/abs/2406.01234`"
        )
    await ctx.conversation.working("Asking the sources for that paper …")
    found = await _find(ctx, link, identifier)
    paper_id, outcome = await _store(ctx, found)
    if found.record is None and found.own is not None and found.own.source == LINK_ALONE:
        note = f'I cannot read what it is called. Please tell me: `add {link} title:"…"`'
    elif outcome is Outcome.NEW or paper is not None:
        note = f"Added by {ctx.context.person.name}"
    else:
        note = KNOWN
    return await _submitted(ctx, paper_id, note)


@dataclass(frozen=True, slots=True)
class _Found:
    """A source's record of a paper, and what only the person who adds it says of it."""

    record: PaperDraft | None
    own: PaperDraft | None


async def _store(ctx: CommandContext, found: _Found) -> tuple[int, Outcome]:
    """Store the person's draft for the team, then the source's record for all, which takes precedence."""
    library, stored = ctx.services.library, list[tuple[int, Outcome]]()
    if found.own is not None:
        # Before the source's record, which then merges this draft into the open paper.
        stored += (await library.add([found.own], team_id=ctx.context.team_id)).stored
    if found.record is not None:
        stored += (await library.add([found.record])).stored
    return stored[-1][0], stored[0][1]


async def _find(ctx: CommandContext, link: str, identifier: Identifier | None) -> _Found:
    """Find the paper by identifier, by title, or on its own page. Otherwise keep what the person gave."""
    unreached: tuple[str, ...] = ()
    if identifier is not None:
        draft, unreached = await look_up(ctx.services.catalogues, identifier)
        if draft is not None:
            return _Found(draft, None)
    title = ctx.arguments.get(TITLE)
    if title is not None:
        found = None
        if identifier is not None:
            found, _ = await look_up_title(ctx.services.catalogues, title)
        return _own(found, PaperDraft(title, "", PEOPLE), link, identifier)
    page = await _page(ctx, link) if _is_address(link) else None
    if identifier is not None and identifier.scheme is Scheme.OPENREVIEW:
        found = page and (await look_up_title(ctx.services.catalogues, page.title))[0]
        if found is not None:
            # OpenReview's own page gave the title, so the identifier is not only the person's word.
            found = replace(found, identifiers=found.identifiers | {identifier})
        return _own(found, page or PaperDraft(_shown(link), "", LINK_ALONE), link, identifier)
    if page is not None and source_info(page.source).identifies:
        return _own(page, PaperDraft(page.title, "", PEOPLE), link, identifier)
    if page is not None:
        return _own(None, page, link, identifier)
    raise UserError(
        f'{_why(identifier, unreached)}. Add it with its title: `add {identifier or "LINK"} title:"…"`'
    )


async def _page(ctx: CommandContext, link: str) -> PaperDraft | None:
    """Read the paper's own page. If it holds an identifier, return a catalogue's fuller record instead."""
    try:
        page = await ctx.services.publishers.read(link)
    except SourceUnavailable:
        return None
    for name in sorted(page.identifiers) if page is not None else ():
        draft, _ = await look_up(ctx.services.catalogues, name)
        if draft is not None:
            return draft
    return page


def _own(record: PaperDraft | None, own: PaperDraft, link: str, identifier: Identifier | None) -> _Found:
    """Add the identifier and the link that the person gave to the team's own draft."""
    names = own.identifiers if identifier is None else own.identifiers | {identifier}
    if record is not None:
        names, own = names | record.identifiers, replace(own, title=record.title)
    links = (link, *own.links) if identifier is None else own.links
    return _Found(record, replace(own, identifiers=names, links=tuple(dict.fromkeys(links))))


def _why(identifier: Identifier | None, unreached: tuple[str, ...]) -> str:
    if unreached:
        names = all_of(map(values.source_label, unreached))
        return f"{names} could not be reached, so that {identifier} is not known yet"
    if identifier is not None:
        return f"No source knows {identifier}"
    return "I cannot read a title from this link"


def _is_address(link: str) -> bool:
    return link.startswith(("https://", "http://"))


def _shown(link: str) -> str:
    return link.partition("://")[2] or link


async def _submitted(ctx: CommandContext, paper_id: int, note: str) -> PaperCard:
    async with ctx.services.store.writing() as tx:
        await tx.submissions.put(ctx.context, paper_id, ctx.now)
        papers = await tx.papers.get([paper_id], ctx.context.team_id)
        status = await tx.paper_statuses.get(ctx.context.channel.id, [paper_id])
    return PaperCard(papers[paper_id], status[paper_id], note)


ADD = Command(
    "add",
    "Bring a paper in by its link",
    handle,
    (LINK, TITLE),
    ("add https://arxiv.org/abs/2406.01234", 'add https://example.org/paper.pdf title:"A paper of ours"'),
    programs=ForPrograms.WRITES,
)
