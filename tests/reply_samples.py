"""One reply of every meaning."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time

from bot.arguments import Suggested
from bot.identifiers import Identifier, Scheme
from bot.models import (
    ChannelSettings,
    Deed,
    Details,
    Marks,
    MessageRef,
    Paper,
    Person,
    Quote,
    Slot,
    Standing,
    Subscription,
    SubscriptionDraft,
    Talk,
    TallyCount,
    Vote,
    Weekday,
)
from bot.replies import (
    Choice,
    Digest,
    DigestSection,
    Discussion,
    Form,
    FormField,
    Help,
    HelpEntry,
    Hit,
    Home,
    Leaderboard,
    LeaderboardRow,
    LinkCard,
    Notice,
    Pages,
    PaperCard,
    ReadingList,
    ReadingRow,
    Reply,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    SubscriptionRow,
    Suggestions,
    Summary,
    Tally,
    Tone,
)

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
PAPER = Paper(
    57,
    "Sparse Experts for Long Sequences: a Study of Routing under Pressure",
    "Routing decides which expert sees a token. " * 12,
    "test",
    NOW,
    authors=("Ada Lund", "Bo Meyer", "Cy Novak", "Di Osei", "Ed Pham"),
    identifiers=frozenset({Identifier(Scheme.ARXIV, "2401.00001")}),
    categories=("cs.LG", "cs.CL"),
    published=date(2024, 1, 2),
)
TOLD = replace(
    PAPER,
    details=Details(
        organisation="The Routing Lab",
        venue="Conference on Experts",
        models=("lab/router-7b",),
        keywords=("routing", "experts"),
        tldr="Routers can be evened out.",
        citations=3,
        version=2,
        standing=Standing.WITHDRAWN,
    ),
    origins={"tldr": "semanticscholar", "citations": "openalex", "models": "huggingface"},
)
BARE = Paper(123, "Gardens of Attention", "", "test", NOW)
MARKS = Marks(TallyCount(2, 1), Vote.UP, discussed=True, posted=True, saved=True)
HITS = (Hit(PAPER, MARKS, "Experts are routed by meaning."), Hit(BARE))
PAGES = Pages("view", 2, 4, 18)
SUBSCRIPTION = Subscription(
    3,
    1,
    1,
    SubscriptionDraft(
        "mixture of experts",
        Slot(time(9), "Europe/Paris"),
        frozenset(day for day in Weekday if day < Weekday.SAT),
        frozenset({"cs.LG"}),
        3,
        1,
    ),
    Person(1, 1, "ada", "ada"),
    NOW,
)
READING_ROW = ReadingRow(
    PAPER, NOW, frozenset({Deed.POSTED, Deed.VOTED}), TallyCount(2, 1), MessageRef("#general", "12")
)
FORM = Form(
    "subscribe",
    "Change “mixture of experts”",
    "subscribe TOPIC [at:09:00]",
    (
        FormField("topic", "Topic", "the topic in a few words", "experts", "experts", required=True),
        FormField("at", "Time", "the local time", "09:00", "25:00", error="“25:00” does not fit at."),
        FormField("tz", "Time zone", "the time zone", "UTC", "UTC", suggested=Suggested.TIMEZONE),
        FormField("layout", "Layout", "how papers follow", "flat", "flat", choices=("threaded", "flat")),
    ),
    3,
)
TALK = Talk(NOW, MessageRef("C1", "1764057600.000100", "1764057600.000100"), 2)
REPLIES: dict[str, Reply] = {
    "search": SearchResults("“mixture of experts”", HITS, PAGES),
    "card": PaperCard(PAPER, MARKS, "Fits “experts”"),
    "whole_card": PaperCard(PAPER, MARKS, whole=True),
    "told_card": PaperCard(TOLD, MARKS, whole=True),
    "bare_card": PaperCard(BARE),
    "summary": Summary(PAPER, (Quote("Routing decides.", 1, 8), Quote("It holds up.", 3, 8)), MARKS),
    "digest": Digest(
        date(2026, 11, 25),
        (DigestSection("experts", HITS), DigestSection("gardens", HITS[1:])),
        warning="arXiv did not answer.",
    ),
    "preview": Digest(date(2026, 11, 25), (DigestSection("experts", HITS),), preview=True),
    "quiet": Digest(date(2026, 11, 25), (), quiet="Nothing new since Monday."),
    "tally": Tally(PAPER, MARKS),
    "discussion": Discussion(PAPER, "ada asks: “Does it hold?”", MARKS),
    "leaderboard": Leaderboard(
        "Top papers in #general",
        (LeaderboardRow(1, PAPER, TallyCount(12, 1), 3, 40), LeaderboardRow(2, BARE, TallyCount(1))),
        PAGES,
    ),
    "reading": ReadingList(
        "Papers in #general",
        (READING_ROW,),
        Pages("view", 1, 1, 1),
        "Europe/Paris",
    ),
    "subscribed": Subscribed(SUBSCRIPTION, NOW, HITS),
    "subscriptions": SubscriptionList(
        "#general", (SubscriptionRow(SUBSCRIPTION, NOW),), Pages("s1", 1, 1, 1)
    ),
    "settings": SettingsCard("#general", ChannelSettings(), changed=True),
    "help": Help((HelpEntry("search QUERY [cat:cs.CL]", "Find papers"), HelpEntry("show PAPER", "Show one"))),
    "detailed_help": Help(
        (HelpEntry("search QUERY", "Find papers", ("search experts",), (("QUERY", "what to look for"),)),),
        detailed=True,
    ),
    "form": FORM,
    "home": Home(
        (SubscriptionRow(SUBSCRIPTION, NOW),),
        (ReadingRow(BARE, NOW),),
        (LeaderboardRow(1, PAPER, TallyCount(12, 1), 3),),
        "Europe/Paris",
    ),
    "empty_home": Home((), (), ()),
    "link_card": LinkCard(PAPER, MARKS, "https://arxiv.org/abs/2401.00001", TALK, "Europe/Paris"),
    "new_link": LinkCard(BARE),
    "suggestions": Suggestions((Choice("#57 Sparse Experts", "#57"), Choice("#123 Gardens", "#123"))),
    "error": Notice("There is no command “serch”.", Tone.ERROR, "See all with `help`."),
    "done": Notice("Saved.", Tone.DONE),
    "warning": Notice("The list is short.", Tone.WARNING),
    "info": Notice("Nothing found."),
}


def poisoned(value, poison):
    """The same reply with every text of a person's or a source's made hostile."""
    if type(value) is str:
        return poison
    if isinstance(value, tuple):
        return tuple(poisoned(each, poison) for each in value)
    if not is_dataclass(value) or type(value).__name__ in {
        "Pages",
        "Slot",
        "Identifier",
        "ChannelSettings",
        "Suggested",
    }:
        return value
    ours = {"timezone", "command", "choices", *(["name"] if isinstance(value, FormField) else [])}
    if isinstance(value, Suggestions):
        ours.clear()
    contents = {field.name: getattr(value, field.name) for field in fields(value) if field.name not in ours}
    return replace(value, **{name: poisoned(content, poison) for name, content in contents.items()})
