"""Slack's app manifest as text; `paperclub manifest > docs/slack-manifest.yaml` writes the checked-in one."""

from urllib.parse import urlsplit

import yaml

from adapters.slack.manifest import manifest

_HEAD = """\
# Slack makes the app from this: https://api.slack.com/apps, "Create New App", "From a manifest".
# It is printed by `paperclub manifest`.
"""


def manifest_text(url: str = "") -> str:
    """Return the manifest as YAML; `url` is where Slack reaches the bot, empty for Socket Mode.

    Raises:
        ValueError: Slack would not call this address.

    """
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("it takes an address such as https://papers.example.org")
    return _HEAD + yaml.safe_dump(manifest(url), sort_keys=False, allow_unicode=True, width=100)
