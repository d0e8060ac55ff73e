"""The operator's settings for Discord."""

import re

from pydantic import BaseModel, Field, SecretStr, field_validator


class DiscordSettings(BaseModel):
    """A part of the program's settings; each is the variable `PAPERCLUB_` and its name in capitals."""

    discord_token: SecretStr = Field(default=SecretStr(""), description="Discord's token of the bot.")
    discord_api_url: str = Field(
        default="https://discord.com/api/v10",
        description="Where Discord is called, or a server that speaks its API.",
    )
    discord_gateway_url: str = Field(
        default="wss://gateway.discord.gg/",
        description="Where Discord's gateway is, or the one of that server.",
    )
    discord_shard_count: int = Field(
        default=0,
        ge=0,
        description="Into how many shards Discord's servers are divided. 0: as many as Discord recommends.",
    )
    discord_shard_ids: str = Field(
        default="",
        description="The shards that this process takes, such as `0,1`, where several processes share them. "
        "Empty: all.",
    )

    @field_validator("discord_shard_ids")
    @classmethod
    def _numbers(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+(\s*,\s*\d+)*", value.strip()):
            raise ValueError("it takes numbers with commas between them, such as 0,1")
        return value

    @property
    def shard_ids(self) -> tuple[int, ...]:
        """The ids of the shards that this process runs; empty for all."""
        return tuple(int(each) for each in self.discord_shard_ids.split(",") if each.strip())
