"""Reads forms, and refuses those that another site has sent."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from adapters.web.inbound.readers import Reader
from adapters.web.limits import FIELD_LENGTH, FORM_FIELDS

TOKEN = "form_token"  # noqa: S105 - the name of a field, not a secret


class FormRefused(Exception):
    """A form does not come from our own page, or is not readable."""


async def read_form(request: Request, reader: Reader, public_url: str) -> Mapping[str, str]:
    """Return a form's fields.

    Raises:
        FormRefused: its origin or its token is not ours, or it is no form.

    """
    if not _is_ours(request, public_url):
        raise FormRefused
    try:
        fields = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS
        )
    except ValueError:
        raise FormRefused from None
    form = {name: value[:FIELD_LENGTH] for name, value in fields}
    if not reader.holds(form.get(TOKEN, "")):
        raise FormRefused
    return form


def own_path(path: str) -> str:
    """Return a path to go to after a form; `/` for anything that could lead away from this page."""
    # Browsers read a backslash as a slash, and leave out tabs.
    ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if ours else "/"


def _is_ours(request: Request, public_url: str) -> bool:
    """Whether a browser says that the form was on our page. Behind a proxy our own scheme is not known."""
    sent = urlsplit(request.headers.get("origin", ""))
    public = urlsplit(public_url)
    if public.netloc and (sent.scheme, sent.netloc) == (public.scheme, public.netloc):
        return True
    return bool(sent.netloc) and sent.netloc == request.headers.get("host", "")
