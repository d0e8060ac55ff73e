"""The page's own style sheet, script and picture, each under an address with its content's hash."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page serves."""

    address: str
    body: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return the files by their names."""
    return {file.name: _asset(file) for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES}


def asset_address(name: str) -> str:
    """Return the address of a file; it changes with the file."""
    return assets()[name].address


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    return Asset(f"/static/{file.stem}.{digest}{file.suffix}", body, _TYPES[file.suffix])
