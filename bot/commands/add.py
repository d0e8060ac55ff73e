"""`add`: bring a paper in by its link."""

from bot import values
from bot.arguments import Parameter, cut
from bot.command import Call, Command
from bot.errors import UserError
from bot.identifiers import Identifier, parse
from bot.lookup import known_as, look_up
from bot.models import Outcome, PaperDraft
from bot.replies import PaperCard, Reply

LINK = Parameter(
    "link",
    values.text,
    "the paper's link, arXiv id or DOI",
    "https://arxiv.org/abs/2406.01234",
    required=True,
    positional=True,
)
TITLE = Parameter("title", values.text, "its title, for a link that no source knows", '"A title"')


async def handle(call: Call) -> Reply:
    """Show the paper if it is known, else ask the sources for it."""
    link = call.arguments.need(LINK)
    identifier = parse(link)
    async with call.services.store.reading() as tx:
        known = await known_as(tx, link)
    if known is not None:
        return await _card(call, known, "It was here already.")
    if identifier is None and not link.startswith(("https://", "http://")):
        raise UserError(
            f"“{cut(link)}” is no link, arXiv id or DOI. It goes like this: `add arxiv.org/abs/2406.01234`"
        )
    await call.conversation.working("Asking the sources for that paper …")
    draft = await _draft(call, link, identifier)
    report = await call.services.library.add([draft])
    paper_id, outcome = report.stored[0]
    name = call.here.person.name
    return await _card(
        call, paper_id, f"Added by {name}" if outcome is Outcome.NEW else "It was here already."
    )


async def _draft(call: Call, link: str, identifier: Identifier | None) -> PaperDraft:
    if identifier is None:
        return _by_hand(call, link, None, ())
    draft, unreached = await look_up(call.services.sources, identifier)
    return draft or _by_hand(call, link, identifier, unreached)


def _by_hand(call: Call, link: str, identifier: Identifier | None, unreached: tuple[str, ...]) -> PaperDraft:
    title = call.arguments.get(TITLE)
    if title is None:
        why = "I cannot read a title from this link"
        if unreached:
            named = " and ".join(map(values.source_label, unreached))
            why = f"{named} could not be reached"
        elif identifier is not None:
            why = f"No source knows {identifier}"
        raise UserError(f'{why}. Add it with its title: `add LINK title:"…"`')
    return PaperDraft(
        title=title,
        abstract="",
        source="people",
        identifiers=frozenset() if identifier is None else frozenset({identifier}),
        links=(link,) if link.startswith(("https://", "http://")) else (),
    )


async def _card(call: Call, paper_id: int, note: str) -> PaperCard:
    async with call.services.store.reading() as tx:
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
