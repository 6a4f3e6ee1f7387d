"""Say what a room needs in order to start, and refuse what is weak, missing or unknown.

Nothing secret has a default. A refusal names the setting and never shows its value.
"""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from studyportal.database import BINDS
from studyportal.errors import Unsafe

SECRET_BYTES = 32
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _secret(value: str) -> str:
    """At least 256 bits, written as base64; the same byte over and over is not a secret."""
    try:
        raw = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None
    if len(raw) < SECRET_BYTES or len(set(raw)) < SECRET_BYTES // 4:
        raise ValueError(f"must be {SECRET_BYTES} random bytes as base64")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or value != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must look like https://diary.example.org, without a path")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must be https outside this machine")
    return value


def origin_or_none(value: str) -> str:
    """The address of another room; "" where it is not told."""
    return _origin(value) if value else ""


def _binds(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise ValueError("names no database")
    if unknown := set(value) - set(BINDS):
        raise ValueError(f"names no database of ours: {', '.join(sorted(unknown))}")
    return value


Secret = Annotated[str, AfterValidator(_secret)]
Origin = Annotated[str, AfterValidator(_origin)]


class RoomSettings(BaseModel):
    """What every room is told. Each room adds its own keys and files in a subclass."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    port: int = Field(ge=1, le=65535)
    origin: Origin
    secret_key: Secret
    databases: Annotated[dict[str, str], AfterValidator(_binds)]
    protocol: Path
    synthetic: bool
    workers: int = Field(ge=1, le=256)
    threads: int = Field(ge=1, le=256)
    log: str = Field(min_length=1)  # "-" is standard output
    proxies: int = Field(default=0, ge=0, le=3)  # how many of our own proxies to believe about the client's address

    @property
    def host(self) -> str:
        """The one host name under which this room answers."""
        return urlsplit(self.origin).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https:")

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Settings from a parsed settings file; raises `Unsafe` that names every unfit setting, without values."""
        try:
            return cls.model_validate(dict(raw))
        except ValidationError as mistakes:
            named = "; ".join(
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in mistakes.errors(include_input=False)
            )
            raise Unsafe(f"These settings keep the room from starting. {named}.") from None
