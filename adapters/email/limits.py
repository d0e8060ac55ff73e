"""The limits of mail, and our own within them."""

from datetime import timedelta

from adapters.common.visitors import VisitorPace
from bot.ports.coordination import Pace

MAX_RESENDS = 4
"""How often a mail is sent again whose server gave no answer after DATA. Then it is reported as doubtful."""
CONNECTIONS = 8
"""Connections to the mail server at the same time, at most, in one process."""
COMMAND_SECONDS = 15.0
"""How long the server may take for a command."""
PREPARE_SECONDS = 20.0
"""How long a mail may wait for a connection, the login and the recipient. Nothing is sent before that."""
DATA_SECONDS = 38.0
"""How long the server may take to answer a whole mail. RFC 5321 allows ten minutes; a post has a minute in
all, and what ends only then is doubtful."""

ADDRESS = 254
"""Characters of a mail address: RFC 5321, section 4.5.3.1.3."""
SUBJECT = 120
"""Characters of a subject."""
TITLE = 300
"""Characters of a title in a mail."""
LINE = 600
"""Characters of a hint, a topic or the like."""
ABSTRACT = 700
"""Characters of an abstract in a digest."""

ANSWER_LASTS = timedelta(days=60)
"""How long the links of a mail vote and save."""
CONFIRM_LASTS = timedelta(days=3)
"""How long the link of a confirmation holds."""
SIGN_IN_LASTS = timedelta(minutes=15)
"""How long the link of a sign-in works."""
STOP_LASTS = timedelta(days=3650)
"""How long a mail's link to unsubscribe works."""
CONFIRMATIONS_AT_ONCE = 2
"""Mails with a confirmation that one address may get at once, beside the first."""
CONFIRMATION_SECONDS = 8 * 3600.0
"""Seconds after which it may get another one: three a day."""
ALL_CONFIRMATIONS_SECONDS = 2.0
"""Seconds from one confirmation to the next, to whatever address, after a burst."""
ALL_CONFIRMATIONS_AT_ONCE = 60
FORMS = VisitorPace("mail form", Pace(interval=300.0, burst=9), Pace(interval=20.0, burst=30))
"""Forms on the web, which send confirmations. All together they get a part of those alone, so that the web
cannot stop those of chat."""
NAME = 60
"""Characters of a stranger's name in a mail to somebody who has not confirmed yet, and of a topic."""
FORM_BYTES = 8192
"""Bytes of a form that somebody sends."""
FORM_FIELDS = 20
"""Fields of such a form."""
RETURNED_BYTES = 1_000_000
"""Bytes of a returned mail that are read, at most."""
