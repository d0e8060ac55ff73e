"""Slack's app manifest as text; `paperclub manifest > docs/slack-manifest.yaml` writes the checked-in one."""

from urllib.parse import urlsplit

import yaml

from adapters.slack.manifest import manifest

_HEAD = """\
# Slack makes the app from this: https://api.slack.com/apps, "Create New App", "From a manifest".
# It is printed by `paperclub manifest`.
"""


def manifest_text(url: str = "") -> str:
    """Give the manifest as YAML.

    Raises:
        ValueError: the address is none that Slack would call.

    """
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("it takes an address such as https://papers.example.org")
    return _HEAD + yaml.safe_dump(manifest(url), sort_keys=False, allow_unicode=True, width=100)
