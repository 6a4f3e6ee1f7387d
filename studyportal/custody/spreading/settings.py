"""Where custody may have work done by others: a dask.distributed scheduler. Refuses to send keys over an open line."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

NEAR = frozenset({"localhost", "127.0.0.1", "::1"})


class SchedulerSettings(BaseModel):
    """`address` is `tls://host:port`, or `tcp://127.0.0.1:port` on this machine; with TLS, whose certificates are
    believed (`ca_file`) and who custody is (`certificate`, `private_key`), all as PEM files."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str = Field(min_length=1, max_length=300)
    ca_file: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        try:
            parts = urlsplit(self.address)
            known = parts.scheme in {"tls", "tcp"} and bool(parts.hostname) and parts.port is not None
        except ValueError:
            known = False
        if not known or parts.path or parts.query:
            raise ValueError("the scheduler's address is tls://host:port")
        files = (self.ca_file, self.certificate, self.private_key)
        if parts.scheme == "tls" and not all(file is not None and file.is_absolute() for file in files):
            raise ValueError("with tls, ca_file, certificate and private_key are needed, each with its whole path")
        if parts.scheme == "tcp" and (parts.hostname not in NEAR or any(files)):
            raise ValueError(
                "outside this machine the scheduler's address must be tls://, since keys travel to its workers"
            )
        return self
