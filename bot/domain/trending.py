"""The trending score: votes and comments, discounted by age.

points = 1 + upvotes / 10 + 2 · up - down + comments
score = points / (age in days + 2) ** 1.5, or the points themselves where they are negative

News sites rank by the same shape: points over a power of age. A team's own vote counts for more than one at
the source, because a source gathers tens of votes where a team gathers a few. Negative points are not
divided: a disliked paper must not rise with age.
"""

from collections.abc import Sequence
from datetime import date

from bot.domain.history import Activity

GRAVITY = 1.5


def score(activity: Activity, today: date) -> float:
    """Return a paper's score. A future date, from a time zone ahead of ours, counts as today."""
    age = max((today - activity.day).days, 0)
    points = 1 + activity.upvotes / 10 + 2 * activity.tally.up - activity.tally.down + activity.comments
    return points / float((age + 2) ** GRAVITY) if points > 0 else points


def rank(activities: Sequence[Activity], today: date) -> list[Activity]:
    """Sort papers by score, best first. Of equal scores, the paper with the higher id comes first."""
    return sorted(activities, key=lambda each: (-score(each, today), -each.paper_id))
