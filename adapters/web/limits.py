"""The page's limits and times."""

from datetime import timedelta

SESSION_LIFETIME = timedelta(days=30)
SIGN_IN_SECONDS = 600
"""How long somebody may take at Slack or Discord to confirm who they are."""
WRONG_CODES = 20
"""Wrong sign-in codes from one network within `WRONG_CODES_SECONDS`. More are not even looked up."""
WRONG_CODES_SECONDS = 60.0
NETWORKS_REMEMBERED = 10_000
FORM_FIELDS = 20
FIELD_LENGTH = 2_000
QUERY_LENGTH = 300
PAPER_DIGITS = 9
HIGHEST_PAGE_DIGITS = 4
TEASER = 280
"""Characters of an abstract on a card."""
AROUND_MATCH = 140
"""Characters shown before and behind the matched sentence."""
DESCRIPTION = 200
"""Characters of a page's description for those who preview links."""
AUTHORS_ON_CARD = 4
RELATED_SHOWN = 5
COMPRESS_FROM = 600
"""Bytes. A shorter body fits into one packet anyway."""
STATIC_SECONDS = 365 * 24 * 3600
"""How long a browser may keep a file whose address has its content's hash."""
