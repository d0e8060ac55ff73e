"""`add`: bring a paper in by its link."""

from dataclasses import replace

from bot import values
from bot.arguments import Parameter, cut
from bot.command import Call, Command
from bot.errors import SourceUnavailable, UserError
from bot.identifier_tables import Scheme
from bot.identifiers import Identifier, parse
from bot.lookup import known_as, look_up, look_up_title
from bot.merging import LINK as LINK_ALONE
from bot.models import Outcome, PaperDraft
from bot.replies import PaperCard, Reply

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


async def handle(call: Call) -> Reply:
    """Show the paper if it is known, else ask the sources for it."""
    link = call.arguments.need(LINK)
    identifier = parse(link)
    async with call.services.store.reading() as tx:
        known = await known_as(tx, link)
        paper = (await tx.papers.get([known])).get(known) if known is not None else None
    if paper is not None and paper.source != LINK_ALONE:
        return await _submitted(call, paper.id, KNOWN)
    if identifier is None and not _is_address(link):
        raise UserError(
            f"“{cut(link)}” is no link, arXiv id or DOI. It goes like this: `add arxiv.org/abs/2406.01234`"
        )
    await call.conversation.working("Asking the sources for that paper …")
    draft = await _draft(call, link, identifier)
    report = await call.services.library.add([draft])
    paper_id, outcome = report.stored[0]
    if draft.source == LINK_ALONE:
        note = f'I cannot read what it is called. Please tell me: `add {link} title:"…"`'
    elif outcome is Outcome.NEW or paper is not None:
        note = f"Added by {call.here.person.name}"
    else:
        note = KNOWN
    return await _submitted(call, paper_id, note)


async def _draft(call: Call, link: str, identifier: Identifier | None) -> PaperDraft:
    """Find the paper by its name, by its title, or by what its page says; else keep what the person gave."""
    unreached: tuple[str, ...] = ()
    if identifier is not None:
        draft, unreached = await look_up(call.services.catalogues, identifier)
        if draft is not None:
            return draft
    title = call.arguments.get(TITLE)
    if title is not None:
        found = None
        if identifier is not None:
            found, _ = await look_up_title(call.services.catalogues, title)
        return _linked(found or PaperDraft(title, "", "people"), link, identifier)
    page = await _page(call, link) if _is_address(link) else None
    if identifier is not None and identifier.scheme is Scheme.OPENREVIEW:
        found = page and (await look_up_title(call.services.catalogues, page.title))[0]
        return _linked(found or page or PaperDraft(_shown(link), "", LINK_ALONE), link, identifier)
    if page is not None:
        return _linked(page, link, identifier)
    raise UserError(f'{_why(identifier, unreached)}. Add it with its title: `add LINK title:"…"`')


async def _page(call: Call, link: str) -> PaperDraft | None:
    """Read the paper's page; where that names the paper, the sources may know more of it."""
    try:
        page = await call.services.publishers.read(link)
    except SourceUnavailable:
        return None
    for name in sorted(page.identifiers) if page is not None else ():
        draft, _ = await look_up(call.services.catalogues, name)
        if draft is not None:
            return draft
    return page


def _linked(draft: PaperDraft, link: str, identifier: Identifier | None) -> PaperDraft:
    """Give a paper the name and the address that it was asked for by."""
    names = draft.identifiers if identifier is None else draft.identifiers | {identifier}
    links = (link, *draft.links) if identifier is None else draft.links
    return replace(draft, identifiers=names, links=tuple(dict.fromkeys(links)))


def _why(identifier: Identifier | None, unreached: tuple[str, ...]) -> str:
    if unreached:
        return f"{' and '.join(map(values.source_label, unreached))} could not be reached"
    if identifier is not None:
        return f"No source knows {identifier}"
    return "I cannot read a title from this link"


def _is_address(link: str) -> bool:
    return link.startswith(("https://", "http://"))


def _shown(link: str) -> str:
    return link.partition("://")[2] or link


async def _submitted(call: Call, paper_id: int, note: str) -> PaperCard:
    async with call.services.store.writing() as tx:
        await tx.submissions.put(call.here, paper_id, call.now)
        papers = await tx.papers.get([paper_id])
        marks = await tx.marking.marks(call.here.channel.id, [paper_id])
    return PaperCard(papers[paper_id], marks[paper_id], note)


ADD = Command(
    "add",
    "Bring a paper in by its link",
    handle,
    (LINK, TITLE),
    ("add https://arxiv.org/abs/2406.01234", 'add https://example.org/paper.pdf title:"A paper of ours"'),
)
