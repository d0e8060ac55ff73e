"""The parameters that several commands share."""

from bot import values
from bot.arguments import Parameter

PAPER = Parameter(
    "paper",
    values.text,
    "which paper: its number (#57), a link, an arXiv id, a DOI or words of its title",
    "#57",
    required=True,
    positional=True,
)
PAGE = Parameter("page", values.count(1, 1000), "which page of the list", "2")
CATEGORIES = Parameter(
    "cat", values.categories, "arXiv categories; cs stands for all of cs.*", "cs.CL", listed=True
)
TIMEZONE = Parameter("tz", values.timezone, "the time zone", "Europe/Paris")
POST_AT = Parameter("at", values.time_of_day, "the local time of the daily post", "09:00")
