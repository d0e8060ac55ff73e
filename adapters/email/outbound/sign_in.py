"""The mail with which the owner of an address signs in."""

from adapters.email.render.parts import Heading, Link, Prose
from adapters.email.render.replies import Content


def sign_in_content(link: str) -> Content:
    """Return what the mail says. It names nobody: whoever asked for it has proved nothing yet."""
    return Content(
        "Sign in to Paperclub",
        (
            Heading("Sign in", top=True),
            Prose("Somebody, you I hope, wants to sign in to the web page with this address."),
            Link("Sign in", link),
            Prose("The link works once, for fifteen minutes. Forward it to nobody."),
            Prose("If that wasn't you, do nothing. Nobody can sign in without this mail.", dim=True),
        ),
    )
