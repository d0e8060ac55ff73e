"""Settings from the environment, or from a file of it: `PAPERCLUB_` and the name in capitals."""

import logging
import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.discord.settings import DiscordSettings
from adapters.email.settings import EmailSettings
from adapters.slack.settings import SlackSettings
from adapters.web.settings import WebSettings
from app.env_files import ENCODING, PREFIX, env_file, unknown_names
from app.logs import LogFormat, write_log_as
from bot.domain.errors import UserError

_CATEGORY = re.compile(r"[A-Za-z-]+(?:\.[A-Za-z-]+)?")
_log = logging.getLogger(__name__)
_SQLITE = ("sqlite:///", "sqlite+aiosqlite:///")


class Settings(DiscordSettings, EmailSettings, SlackSettings, WebSettings, BaseSettings):
    """What whoever runs the bot can choose. Everything has a default that works on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding=ENCODING,
        extra="ignore",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("paperclub", appauthor=False),
        description="The folder for the database files and the console's messages.",
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="The database: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`. "
        "Empty: the file `paperclub.db` in the data folder, and for `chat` a file of its own, `chat.db`.",
    )
    redis_url: str = Field(
        default="",
        repr=False,
        description="A Redis server through which several processes wake each other, keep to the platforms' "
        "and sources' limits together and share what was fetched. Empty: none.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="The key that encrypts the tokens of workspaces that install the bot by OAuth. "
        "Where there are several, separated by commas, the first encrypts and any of them decrypts.",
    )
    contact: str = Field(
        default="",
        description="A mail address at which those who run the paper sources reach whoever runs the bot; "
        "it stands in every request to them.",
    )
    huggingface_url: str = Field(
        default="https://huggingface.co", description="Where Hugging Face Papers is asked."
    )
    huggingface_token: SecretStr = Field(
        default=SecretStr(""), description="A token of Hugging Face, with which it may be asked more often."
    )
    arxiv_url: str = Field(default="https://export.arxiv.org", description="Where arXiv is asked.")
    arxiv_rss_url: str = Field(
        default="https://rss.arxiv.org", description="Where arXiv announces its papers."
    )
    arxiv_site_url: str = Field(
        default="https://arxiv.org", description="Where arXiv shows its papers' full texts."
    )
    openreview_url: str = Field(
        default="https://openreview.net", description="Where OpenReview shows its papers."
    )
    arxiv_categories: str = Field(
        default="cs.AI,cs.CL,cs.CV,cs.LG", description="arXiv's categories whose papers are fetched."
    )
    semanticscholar_url: str = Field(
        default="https://api.semanticscholar.org", description="Where Semantic Scholar is asked."
    )
    semanticscholar_key: SecretStr = Field(default=SecretStr(""), description="Semantic Scholar's API key.")
    openalex_url: str = Field(default="https://api.openalex.org", description="Where OpenAlex is asked.")
    openalex_key: SecretStr = Field(default=SecretStr(""), description="OpenAlex's API key.")
    crossref_url: str = Field(default="https://api.crossref.org", description="Where Crossref is asked.")
    encode_papers: Literal["torch", "graph"] = Field(
        default="torch",
        description="What encodes many papers at once. `torch`: PyTorch, which takes 500 MiB more. "
        "`graph`: onnxruntime, which encodes queries and few papers anyway; PyTorch is never loaded.",
    )
    ingest_minutes: int = Field(
        default=30,
        ge=0,
        description="How often `paperclub run` asks each source for papers, in minutes. 0: never.",
    )
    public_url: str = Field(
        default="",
        description="The address under which people reach the web page, such as https://papers.example.org; "
        "links in mails and feeds begin with it. Empty: there are none.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address on which `paperclub run` serves the web page and answers health checks.",
    )
    port: int = Field(default=8080, ge=0, le=65535, description="The port of that address.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="The token with which `/metrics` answers other computers, and requests through a proxy. "
        "Empty: it answers only programs on this computer.",
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT,
        description="How lines of the log are written: `text`, or `json` for one JSON object a line.",
    )

    @field_validator("redis_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it takes an address such as redis://localhost:6379/0")
        if value and not _is_whole(value):
            raise ValueError(
                "it takes an address such as redis://:PASSWORD@localhost:6379/0; in the password write "
                "@ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25"
            )
        return value

    @field_validator("arxiv_categories")
    @classmethod
    def _categories(cls, value: str) -> str:
        named = [each.strip() for each in value.split(",") if each.strip()]
        if not named or not all(_CATEGORY.fullmatch(each) for each in named):
            raise ValueError("it takes arXiv categories such as cs.CL,cs.IR")
        return ",".join(named)

    @property
    def database(self) -> str:
        """The database's address, the data folder's SQLite file where none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'paperclub.db'}"

    @property
    def trying_out(self) -> Self:
        """The same with the SQLite file in which `chat` keeps samples and what is tried out with them."""
        return self.model_copy(update={"database_url": f"sqlite:///{self.data_dir / 'chat.db'}"})

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, None where the database is a server."""
        for prefix in _SQLITE:
            if self.database.startswith(prefix):
                return Path(self.database.removeprefix(prefix))
        return None


def _is_whole(address: str) -> bool:
    """Whether a password's odd characters break an address into parts, of which errors would quote some."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return port != 0 and not parts.fragment and "@" not in parts.path + parts.query


def load_settings() -> Settings:
    """Read the settings from the environment, and what it leaves out from its file.

    What looks like a setting and is none is told in the log, which is JSON from here on if they say so.

    Raises:
        UserError: one of them does not fit; the text names its variable and never its value.

    """
    file = env_file()
    try:
        settings = Settings(_env_file=file)  # type: ignore[call-arg]  # known to pydantic-settings, not to its types
    except ValidationError as error:
        lines = [
            f"{PREFIX}{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors()
        ]
        raise UserError("The settings do not fit.\n" + "\n".join(lines)) from None
    if settings.log_format is not LogFormat.TEXT:
        write_log_as(settings.log_format)
    for each in unknown_names(file, Settings.model_fields):
        _log.warning("%s", each)
    return settings
