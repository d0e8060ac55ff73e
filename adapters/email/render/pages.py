"""The pages that links in mails lead to: no script, no cookie, nothing from elsewhere."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.email.render.parts import Heading, Part, as_html
from bot.protocol.wording import cleaned

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
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
table {{ width: 100%; }}
label {{ display: block; margin-top: 1rem; }}
input, select, button {{ font: inherit; padding: .4rem .6rem; max-width: 100%; }}
button {{ margin-top: 1.5rem; cursor: pointer; }}
</style>
</head>
<body>
<main>
<table role="presentation">
{rows}
</table>
{form}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; with `choices`, a list of values with their labels."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


def page(title: str, parts: Sequence[Part], button: str = "", fields: Sequence[Field] = ()) -> str:
    """Return a page. With `button`, it has a form that posts its fields to the page's own address."""
    rows = as_html([Heading(title, top=True), *parts])
    form = ""
    if button:
        inside = "\n".join([*map(_field, fields), f'<button type="submit">{html.escape(button)}</button>'])
        form = f'<form method="post">\n{inside}\n</form>'
    return _PAGE.format(title=html.escape(cleaned(title)), rows=rows, form=form)


def _field(field: Field) -> str:
    name, value = html.escape(field.name), html.escape(cleaned(field.value))
    required = " required" if field.required else ""
    if field.choices:
        options = "".join(
            f'<option value="{html.escape(each)}"{" selected" if each == field.value else ""}>'
            f"{html.escape(label)}</option>"
            for each, label in field.choices
        )
        control = f'<select name="{name}">{options}</select>'
    else:
        control = f'<input type="{field.kind}" name="{name}" value="{value}"{required}>'
    return f"<label>{html.escape(field.label)}<br>{control}</label>"
