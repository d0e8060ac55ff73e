"""The pages that people see at the end of an installation."""

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
_CODE = re.compile(r"[a-z_]{1,60}")
"""What Slack's reasons look like; anybody can write something else into the address."""
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
{rest}
</main>
</body>
</html>
"""
_log = logging.getLogger(__name__)


async def _succeeded(args: AsyncSuccessArgs) -> BoltResponse:
    installed = args.installation
    name = html.escape(installed.team_name or installed.enterprise_name or "Slack")
    listed = "\n".join(f"<li>{step}</li>" for step in (_first_step(installed), *_STEPS))
    rest = f"<p>What comes next:</p>\n<ol>\n{listed}\n</ol>"
    return _page(200, f"Paperclub is installed in {name}", rest, _forgotten(args))


def _first_step(installed: Installation) -> str:
    """Link to the workspace; an organisation's installation is in no workspace yet."""
    app = html.escape(installed.app_id or "")
    if installed.is_enterprise_install:
        profile = f"{html.escape(installed.enterprise_id or '')}/integrations/profile/{app}"
        address = f"https://app.slack.com/manage/{profile}/workspaces/add"
        return f'<a href="{address}">Choose the workspaces</a> that are to have it.'
    team = html.escape(installed.team_id or "")
    return f'<a href="https://slack.com/app_redirect?app={app}&amp;team={team}">Open Slack</a>.'


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    reason = args.reason if _CODE.fullmatch(args.reason) else "no reason given"
    why = str(args.error or _REASONS.get(reason, f"Slack says: {reason}."))
    if args.error is not None:  # Slack stood by it. What anybody can bring about is no line in the log.
        _log.info("An installation failed (%s): %s", reason, why)
    rest = (
        f'<p>{html.escape(why)}</p>\n<p><a href="{html.escape(args.settings.install_path)}">Try again</a></p>'
    )
    return _page(args.suggested_status_code, "Paperclub was not installed", rest, _forgotten(args))


def broken_page(reference: str) -> BoltResponse:
    """Make the page of an installation that failed on our side."""
    told = "<p>Something went wrong on our side. Please try again, or tell whoever runs the bot: "
    return _page(500, "Paperclub was not installed", f"{told}reference {reference}.</p>", {})


def _forgotten(args: AsyncSuccessArgs | AsyncFailureArgs) -> dict[str, str]:
    """Take the state's cookie away."""
    return {"Set-Cookie": args.settings.state_utils.build_set_cookie_for_deletion()}


def _page(status: int, title: str, rest: str, headers: dict[str, str]) -> BoltResponse:
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
        body=_PAGE.format(title=title, rest=rest),
    )


PAGES = AsyncCallbackOptions(success=_succeeded, failure=_failed)
"""What Bolt answers the browser with."""
