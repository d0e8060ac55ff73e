"""The trending score: what was liked and talked about, fading with age.

points = 1 + upvotes / 10 + 2 · up - down + comments
score = points / (age in days + 2) ** 1.5, or the points themselves where they are negative

The shape is the one of news sites' rankings (points over a power of age). A vote of one's own team counts for
more than one at the source, because sources gather tens of votes where a team gathers a few. What is disliked
on balance does not come up again with age.
"""

from collections.abc import Sequence
from datetime import date

from bot.domain.history import Activity

GRAVITY = 1.5


def score(activity: Activity, today: date) -> float:
    """A paper's trending score; papers from tomorrow count as today's."""
    age = max((today - activity.day).days, 0)
    points = 1 + activity.upvotes / 10 + 2 * activity.tally.up - activity.tally.down + activity.comments
    return points / float((age + 2) ** GRAVITY) if points > 0 else points


def rank(activities: Sequence[Activity], today: date) -> list[Activity]:
    """Order papers by their score, the newer number first where it is equal."""
    return sorted(activities, key=lambda each: (-score(each, today), -each.paper_id))
