"""Parameters that several commands share."""

from bot.domain import zones
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind

PAPER = Parameter(
    "paper",
    values.text,
    "which paper: its number (#57), a link, an arXiv id, a DOI or words of its title",
    "#57",
    required=True,
    positional=True,
    suggestions=SuggestionKind.PAPER,
)
PAGE = Parameter("page", values.WholeNumber(1, 1000), "which page of the list", "2")
CATEGORIES = Parameter(
    "cat",
    values.categories,
    "categories of arXiv; cs stands for all of cs.*, and all for every one",
    "cs.CL",
    repeatable=True,
    label="Categories",
    blank=values.EVERY_CATEGORY,
)
TIMEZONE = Parameter(
    "tz",
    zones.timezone,
    "the time zone",
    "Europe/Paris",
    label="Time zone",
    suggestions=SuggestionKind.TIMEZONE,
)
POST_AT = Parameter(
    "at", values.time_of_day, "the local time of the daily post", "09:00", label="Time of the daily post"
)
