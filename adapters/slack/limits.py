"""Slack's limits on messages and views, and our own within them."""

BLOCKS_A_MESSAGE = 50
"""https://docs.slack.dev/reference/block-kit/blocks/."""
BLOCKS_AS_JSON = 12_000
"""Characters of a message's blocks as JSON. Slack does not document this limit, but refuses messages from
about 13,000 on (`msg_blocks_too_long`): https://github.com/slackapi/bolt-js/issues/2509 and
https://github.com/slackapi/bolt-js/issues/2867."""
SECTION_TEXT = 3000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block."""
HEADER_TEXT = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block."""
BUTTON_TEXT = 75
"""For a button's text and for its `accessibility_label`:
https://docs.slack.dev/reference/block-kit/block-elements/button-element."""
CONFIRM_TEXT = 300
"""https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object."""
MESSAGE_TEXT = 4000
"""Characters of the fallback text beside the blocks: https://docs.slack.dev/reference/methods/chat.update."""

VIEW_TITLE = 24
"""For a modal's title and its buttons: https://docs.slack.dev/reference/views/modal-views."""
FIELD_LABEL = 2000
"""https://docs.slack.dev/reference/block-kit/blocks/input-block."""
FIELD_HINT = 2000
"""As above."""
OPTION_TEXT = 75
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object."""
OPTIONS = 100
"""https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element."""

UNFURL_DOMAINS = ("arxiv.org", "huggingface.co", "openreview.net", "doi.org", "semanticscholar.org")
"""Domains for which Slack sends `link_shared`. It allows five:
https://docs.slack.dev/messaging/unfurling-links-in-messages."""

INPUT_TEXT = 300
"""Characters that people may type into a form's field."""
FORM_ERROR = 150
"""Characters of an error under a form's field."""
TITLE_SHOWN = 300
"""Characters of a title after escaping."""
TITLE_IN_LINE = 120
"""Characters of a title on a line of its own, after escaping."""
LINE = 600
"""Characters of a hint, a topic or the like, after escaping."""
SENTENCE_SHOWN = 400
"""Characters of the sentence that matched, after escaping."""
FACTS_SHOWN = 400
"""Characters of authors, year and categories, after escaping."""
ADDRESS_LINKED = 500
"""Characters of an address. A longer one is not linked."""
ABSTRACT_PART = 2400
"""Characters of an abstract in one section, which leaves room for escapes."""
ABSTRACT_PARTS = 3
