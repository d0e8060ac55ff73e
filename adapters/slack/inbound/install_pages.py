"""The pages at the end of an installation."""

import html
import logging
import re

from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation

_REASONS = {
    "access_denied": "It was called off, so nothing has changed.",
    "invalid_browser": "It has to end in the browser that it was begun in, and only once.",
    "invalid_state": "It was begun too long ago.",
    "missing_code": "Slack sent no confirmation.",
    "invalid_code": "Slack did not stand by its confirmation, which is good once and for ten minutes.",
}
_REASON = re.compile(r"[a-z_]{1,60}")
"""The form of Slack's reasons. They come in the address, where anybody may put something else."""
_STEPS = (
    "Invite the bot to a channel: type <code>/invite @paperclub</code> there.",
    "Subscribe the channel to a topic: type <code>/papers subscribe mixture of experts</code>.",
    "See what else there is: type <code>/papers help</code>.",
)
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }}
main {{ max-width: 38rem; margin: 3rem auto; padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_log = logging.getLogger(__name__)


async def _success_page(args: AsyncSuccessArgs) -> BoltResponse:
    installation = args.installation
    name = html.escape(installation.team_name or installation.enterprise_name or "Slack")
    steps = "\n".join(f"<li>{step}</li>" for step in (_first_step(installation), *_STEPS))
    content = f"<p>What comes next:</p>\n<ol>\n{steps}\n</ol>"
    return _page(200, f"Paperclub is installed in {name}", content, _delete_cookie(args))


def _first_step(installation: Installation) -> str:
    """Link to the workspace. An organisation's installation is in none yet, so its admin adds some first."""
    app = html.escape(installation.app_id or "")
    if installation.is_enterprise_install:
        profile = f"{html.escape(installation.enterprise_id or '')}/integrations/profile/{app}"
        address = f"https://app.slack.com/manage/{profile}/workspaces/add"
        return f'<a href="{address}">Choose the workspaces</a> that are to have it.'
    team = html.escape(installation.team_id or "")
    return f'<a href="https://slack.com/app_redirect?app={app}&amp;team={team}">Open Slack</a>.'


async def _failure_page(args: AsyncFailureArgs) -> BoltResponse:
    reason = args.reason if _REASON.fullmatch(args.reason) else "no reason given"
    text = str(args.error or _REASONS.get(reason, f"Slack says: {reason}."))
    # Only failures with a code that Slack confirmed are logged: strangers can cause all others.
    if args.error is not None:
        _log.info("An installation failed (%s): %s", reason, text)
    retry = f'<a href="{html.escape(args.settings.install_path)}">Try again</a>'
    content = f"<p>{html.escape(text)}</p>\n<p>{retry}</p>"
    return _page(args.suggested_status_code, "Paperclub was not installed", content, _delete_cookie(args))


def error_page(reference: str) -> BoltResponse:
    """Return the page of an installation that failed on our side, with the log's reference."""
    text = "Something went wrong on our side. Please try again, or tell whoever runs the bot: "
    return _page(500, "Paperclub was not installed", f"<p>{text}reference {reference}.</p>", {})


def _delete_cookie(args: AsyncSuccessArgs | AsyncFailureArgs) -> dict[str, str]:
    return {"Set-Cookie": args.settings.state_utils.build_set_cookie_for_deletion()}


def _page(status: int, title: str, content: str, headers: dict[str, str]) -> BoltResponse:
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return BoltResponse(
        status=status,
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            **headers,
        },
        body=_PAGE.format(title=title, content=content),
    )


PAGES = AsyncCallbackOptions(success=_success_page, failure=_failure_page)
"""How Bolt answers the browser once Slack has redirected it to us."""
