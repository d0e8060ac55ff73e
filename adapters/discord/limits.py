"""Limits that Discord sets, then lengths that we choose so that messages stay within them."""

COMPONENTS = 40
"""Of a message, nested ones included: https://docs.discord.com/developers/components/reference."""
TEXT = 4000
"""Characters in all text displays of a message together:
https://docs.discord.com/developers/components/reference#text-display."""
BUTTON_LABEL = 80
"""https://docs.discord.com/developers/components/reference#button."""
BUTTON_ADDRESS = 512
"""As above."""
OPTION_LABEL = 100
"""https://docs.discord.com/developers/components/reference#string-select."""
OPTIONS = 25
"""As above."""
PLACEHOLDER = 150
"""As above."""
CUSTOM_ID = 100
"""https://docs.discord.com/developers/components/reference#anatomy-of-a-component."""

MODAL_FIELDS = 5
"""https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal."""
MODAL_TITLE = 45
"""As above."""
FIELD_LABEL = 45
"""https://docs.discord.com/developers/components/reference#label."""
FIELD_HINT = 100
"""As above."""
EXAMPLE = 100
"""https://docs.discord.com/developers/components/reference#text-input."""

COMMANDS_A_GROUP = 25
"""https://docs.discord.com/developers/interactions/application-commands#subcommands-and-subcommand-groups."""
DESCRIPTION = 100
"""Characters, of a command and of an option: https://docs.discord.com/developers/interactions/application-commands."""
CHOICES = 25
"""As above; of autocomplete as well."""
CHOICE_NAME = 100
"""As above."""

NONCE = 25
"""https://docs.discord.com/developers/resources/message#create-message."""
THREAD_NAME = 100
"""https://docs.discord.com/developers/resources/channel#start-thread-from-message."""
TAGS = 5
"""https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel."""
HISTORY_PAGE = 100
"""Messages in a page: https://docs.discord.com/developers/resources/message#get-channel-messages. A page of
reactions has as many users."""

INPUT_LENGTH = 300
"""Characters that people may type into a field of a form, or into an option."""
TITLE_SHOWN = 250
"""Characters of a title. This and all lengths below are those of the escaped text."""
TITLE_IN_ROW = 150
"""Characters of a title in a list."""
TITLE_IN_LINE = 90
"""Characters of a title that has one line to itself."""
LINE = 250
"""Characters of a hint, a topic or the like."""
SHORT_LINE = 150
"""Characters of a line among many."""
SENTENCE_SHOWN = 220
"""Characters of the sentence of a paper that matched."""
QUOTE_SHOWN = 600
"""Characters of one sentence of a summary."""
FACTS_SHOWN = 250
"""Characters of authors, year and categories together."""
FACTS_IN_ROW = 120
"""The same in a list."""
NOTICE_SHOWN = 2000
"""Characters of a notice."""
ABSTRACT_SHOWN = 2500
"""Characters of an abstract."""
ADDRESS_LINKED = 250
"""Characters of a URL; a longer one is not linked."""
ADDRESS_IN_ROW = 120
"""The same in a list."""
