"""One reply of every meaning."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time

from bot.domain.channel import ChannelSettings, Person
from bot.domain.document import Quote, Span
from bot.domain.history import ActivityKind
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import DiscussionThread, MessageRef
from bot.domain.paper import Details, Paper, Standing
from bot.domain.period import Period, PeriodLength
from bot.domain.subscription import Slot, Subscription, SubscriptionSpec, Weekday
from bot.domain.vote import PaperStatus, TallyCount, Vote
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import (
    Answer,
    BoardDates,
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
    Nearness,
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
        datasets=("lab/routes",),
        spaces=("lab/try-it",),
        keywords=("routing", "experts"),
        tldr="Routers can be evened out.",
        citations=3,
        version=2,
        standing=Standing.WITHDRAWN,
    ),
    origins={"tldr": "semanticscholar", "citations": "openalex", "models": "huggingface"},
)
BARE = Paper(123, "Gardens of Attention", "", "test", NOW)
MARKS = PaperStatus(TallyCount(2, 1), Vote.UP, discussed=True, posted=True, saved=True)
HITS = (Hit(PAPER, MARKS, "Experts are routed by meaning."), Hit(BARE))
MARKED_HIT = replace(
    HITS[0], sentence="How low-rank <experts> are *routed*.", marks=(Span(4, 7), Span(14, 21))
)
MARKED_RESULTS = SearchResults("“experts”", (MARKED_HIT,), Pages("", 1, 1, 1))
PAGES = Pages("view", 2, 4, 18)
SUBSCRIPTION = Subscription(
    3,
    1,
    1,
    SubscriptionSpec(
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
    PAPER,
    NOW,
    frozenset({ActivityKind.POSTED, ActivityKind.VOTED}),
    TallyCount(2, 1),
    MessageRef("#general", "12"),
)
FORM = Form(
    "subscribe",
    "Change “mixture of experts”",
    "subscribe TOPIC [at:09:00]",
    (
        FormField("topic", "Topic", "the topic in a few words", "experts", "experts", required=True),
        FormField("at", "Time", "the local time", "09:00", "25:00", error="“25:00” does not fit at."),
        FormField("tz", "Time zone", "the time zone", "UTC", "UTC", suggestions=SuggestionKind.TIMEZONE),
        FormField("layout", "Layout", "how papers follow", "flat", "flat", choices=("threaded", "flat")),
    ),
    3,
)
TALK = DiscussionThread(NOW, MessageRef("C1", "1764057600.000100", "1764057600.000100"), 2)
REPLIES: dict[str, Reply] = {
    "search": SearchResults("“mixture of experts”", HITS, PAGES),
    "related": SearchResults(
        "Near to #57",
        (
            Hit(PAPER, near=Nearness(cites=True, shared_references=3, words=("routed experts", "steam"))),
            Hit(BARE, near=Nearness(cited=True)),
        ),
        PAGES,
    ),
    "near": SearchResults("Near to #57", (Hit(BARE, near=Nearness()),), PAGES),
    "card": PaperCard(PAPER, MARKS, "Fits “experts”"),
    "whole_card": PaperCard(PAPER, MARKS, whole=True),
    "told_card": PaperCard(TOLD, MARKS, whole=True),
    "bare_card": PaperCard(BARE),
    "answer": Answer(
        PAPER,
        "how tokens are routed",
        (Quote("A router picks two experts.", 4, 12, "3.1 Routing"), Quote("It is cheap.", 1, 5, "page 7")),
        "https://arxiv.org/abs/2401.00001",
        MARKS,
    ),
    "abstract_answer": Answer(
        PAPER,
        "how tokens are routed",
        (Quote("It holds up.", 3, 8),),
        "",
        MARKS,
        "I know of no open full text of #57. This is from its abstract.",
    ),
    "full_summary": Summary(PAPER, (Quote("We route evenly.", 2, 9, "1 Introduction"),), MARKS),
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
    "dated": Leaderboard(
        "Trending, week 16, 13 Apr 2026 to 19 Apr 2026",
        (
            LeaderboardRow(1, PAPER, TallyCount(12, 1), 3, 40, date(2026, 4, 17)),
            LeaderboardRow(2, BARE, TallyCount(1), day=date(2026, 4, 14)),
        ),
        PAGES,
        BoardDates(
            date(2026, 4, 13),
            date(2026, 4, 19),
            ("AK", "taesiri"),
            Period(PeriodLength.WEEK, date(2026, 4, 6)),
            Period(PeriodLength.WEEK, date(2026, 4, 27)),
        ),
    ),
    "empty_day": Leaderboard(
        "Trending, Sat 18 Apr 2026",
        (),
        Pages("", 1, 1, 0),
        BoardDates(date(2026, 4, 18), date(2026, 4, 18), earlier=Period(PeriodLength.DAY, date(2026, 4, 17))),
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

MARKED = "👍 2 👎 1"
DEEDS = "you voted 👍 · discussed · posted · saved"
FACTS = "Ada Lund, Bo Meyer, Cy Novak and 2 others · 2024 · cs.LG, cs.CL"
WISHES = "Monday to Friday at 09:00 Europe/Paris · at most 1 paper a day · at least 3 up-votes · only cs.LG"
SAID = {
    "related": [
        "Near to #57",
        PAPER.title,
        "cites it · 3 shared references · both about “routed experts”, “steam”",
        "cited by it",
    ],
    "near": [BARE.title, "close in meaning"],
    "search": [
        "“mixture of experts”",
        "#57",
        PAPER.title,
        FACTS,
        MARKED,
        DEEDS,
        "#123",
        BARE.title,
        "“Experts are routed by meaning.”",
        "page 2 of 4 · 18 papers",
    ],
    "card": ["Fits “experts”", PAPER.title, "#57", FACTS, "Routing decides…", MARKED, DEEDS],
    "whole_card": [PAPER.title, PAPER.abstract, MARKED, DEEDS],
    "told_card": [
        "WITHDRAWN by its authors",
        "Conference on Experts · The Routing Lab · 3 citations · version 2 on arXiv",
        "Models: lab/router-7b · Data sets: lab/routes · Spaces: lab/try-it",
        "Keywords: routing, experts",
        "“Routers can be evened out.” (Semantic Scholar)",
        "From test; models from Hugging Face; citations from OpenAlex",
    ],
    "bare_card": ["#123", BARE.title, "There is no abstract.", "👍 0 👎 0"],
    "abstract_answer": (
        "What the paper says to “how tokens are routed”:",
        "It holds up.",
        "I know of no open full text of #57. This is from its abstract.",
    ),
    "answer": [
        PAPER.title,
        "What the paper says to “how tokens are routed”:",
        "“A router picks two experts.” (3.1 Routing, sentence 4 of 12)",
        "“It is cheap.” (page 7, sentence 1 of 5)",
        "Read at https://arxiv.org/abs/2401.00001",
    ],
    "full_summary": [
        "The paper in its own words:",
        "“We route evenly.” (1 Introduction, sentence 2 of 9)",
    ],
    "summary": [
        PAPER.title,
        FACTS,
        "The abstract in its own words:",
        "“Routing decides.” (sentence 1 of 8)",
        "“It holds up.” (sentence 3 of 8)",
        MARKED,
        DEEDS,
    ],
    "digest": [
        "Papers for Wed 25 Nov 2026",
        "Careful: arXiv did not answer.",
        "experts · 2 papers",
        "gardens · 1 paper",
        PAPER.title,
        "#123",
        "Each paper follows in this message's thread, to vote on.",
    ],
    "preview": [
        "Preview of the papers for Wed 25 Nov 2026",
        "experts · 2 papers",
        FACTS,
        MARKED,
        DEEDS,
        "“Experts are routed by meaning.”",
        "Nothing has been posted.",
    ],
    "quiet": ["Papers for Wed 25 Nov 2026", "Nothing new since Monday."],
    "tally": ["#57", "Sparse Experts for Long Sequences", MARKED, DEEDS],
    "discussion": ["ada asks: “Does it hold?”", PAPER.title, "#57", FACTS, MARKED, DEEDS],
    "leaderboard": [
        "Top papers in #general",
        "1.",
        "#57",
        "12",
        "3",
        "40",
        "2.",
        "#123",
        "page 2 of 4 · 18 papers",
    ],
    "dated": [
        "Trending, week 16, 13 Apr 2026 to 19 Apr 2026",
        "by AK, taesiri and the community",
        "1.",
        "#57",
        "40",
        "17 Apr 2026",
        "2.",
        "#123",
        "14 Apr 2026",
        "page 2 of 4 · 18 papers",
    ],
    "empty_day": ["Trending, Sat 18 Apr 2026", "I have no papers from then."],
    "reading": [
        "Papers in #general",
        "#57",
        PAPER.title,
        "Wed 25 Nov 2026, 09:00 · posted, voted",
        MARKED,
        "1 paper",
    ],
    "subscribed": [
        "Done: Subscribed to “mixture of experts”",
        WISHES,
        "Next post: Wed 25 Nov, 09:00 Europe/Paris",
        "The last week's papers that fit:",
        PAPER.title,
        "#123",
    ],
    "subscriptions": [
        "Subscriptions of #general",
        "mixture of experts",
        WISHES,
        "3",
        "next post: Wed 25 Nov, 09:00 Europe/Paris · asked for by ada",
    ],
    "settings": [
        "Done: Settings of #general",
        "Posts at",
        "09:00",
        "Time zone",
        "UTC",
        "Papers come",
        "in the thread of the day's first message (threaded)",
        "Who may change this",
        "anyone in it (anyone)",
    ],
    "help": ["search", "Find papers", "show", "Show one", "help COMMAND", "tells more and gives examples."],
    "detailed_help": [
        "search QUERY",
        "Find papers",
        "QUERY what to look for",
        "For example: ",
        "search experts",
    ],
    "form": [
        "Change “mixture of experts”",
        "subscribe TOPIC [at:09:00]",
        "Error: “25:00” does not fit at.",
    ],
    "home": [
        "Your own subscriptions",
        "mixture of experts",
        WISHES,
        "Your reading list",
        BARE.title,
        "Top papers of your team this week",
        PAPER.title,
        "👍 12 👎 1 · 3 comments",
        "Getting started",
    ],
    "empty_home": ["None yet. For example:", "Nothing yet. Save a paper", "No votes this week."],
    "link_card": [
        PAPER.title,
        "#57",
        FACTS,
        "Discussed here on Wed 25 Nov 2026, 2 comments",
        MARKED,
        DEEDS,
    ],
    "new_link": ["#123", BARE.title, "👍 0 👎 0"],
    "suggestions": ["#57 Sparse Experts", "#123 Gardens"],
    "error": ["Error: There is no command “serch”.", "See all with"],
    "done": ["Done: Saved."],
    "warning": ["Careful: The list is short."],
    "info": ["Nothing found."],
}
"""What each of them says on every surface."""


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
        "SuggestionKind",
    }:
        return value
    ours = {"timezone", "command", "choices", *(["name"] if isinstance(value, FormField) else [])}
    if isinstance(value, Suggestions):
        ours.clear()
    contents = {field.name: getattr(value, field.name) for field in fields(value) if field.name not in ours}
    return replace(value, **{name: poisoned(content, poison) for name, content in contents.items()})
