"""What Slack allows in a message, and what we keep to within that, as named figures."""

BLOCKS_A_MESSAGE = 50
"""https://docs.slack.dev/reference/block-kit/blocks/."""
BLOCKS_AS_JSON = 12_000
"""Characters of a message's blocks as JSON. Slack counts texts and something for every block, says not how,
and refuses from about 13,000 (`msg_blocks_too_long`): https://github.com/slackapi/bolt-js/issues/2509 and
https://github.com/slackapi/bolt-js/issues/2867."""
SECTION_TEXT = 3000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block."""
HEADER_TEXT = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block."""
BUTTON_TEXT = 75
"""Of its label and of its `accessibility_label`:
https://docs.slack.dev/reference/block-kit/block-elements/button-element."""
CONFIRM_TEXT = 300
"""https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object."""
MESSAGE_TEXT = 4000
"""Characters of the text beside the blocks: https://docs.slack.dev/reference/methods/chat.update."""

VIEW_TITLE = 24
"""https://docs.slack.dev/reference/views/modal-views; its buttons' labels as well."""
FIELD_LABEL = 2000
"""https://docs.slack.dev/reference/block-kit/blocks/input-block."""
FIELD_HINT = 2000
"""As above."""
OPTION_TEXT = 75
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object."""
OPTIONS = 100
"""https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element."""

UNFURL_DOMAINS = ("arxiv.org", "huggingface.co", "openreview.net", "doi.org", "semanticscholar.org")
"""Whose links Slack tells of; at most five: https://docs.slack.dev/messaging/unfurling-links-in-messages."""

WRITTEN = 300
"""Characters that may be written into a field of a form."""
FORM_ERROR = 150
"""Characters of what is said to be wrong under a field."""
TITLE_SHOWN = 300
"""Characters of a title, as escaped."""
TITLE_IN_LINE = 120
"""Characters of a title that has one line to itself, as escaped."""
LINE = 600
"""Characters of a hint, a topic or the like, as escaped."""
SENTENCE_SHOWN = 400
"""Characters of the sentence that matched, as escaped."""
FACTS_SHOWN = 400
"""Characters of authors, year and categories, as escaped."""
ADDRESS_LINKED = 500
"""Characters of an address; a longer one is not linked."""
ABSTRACT_PART = 2400
"""Characters of an abstract in one section, with room to escape some of them."""
ABSTRACT_PARTS = 3
