"""What custody is told about the mail server. Refuses passphrases on an open line."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from studyportal.errors import Invalid
from studyportal.web.mail_addresses import read_address
from studyportal.web.settings import Origin

NEAR = frozenset({"localhost", "127.0.0.1", "::1"})


def _address(value: str) -> str:
    try:
        return read_address(value)
    except Invalid:
        raise ValueError("must be one plain mail address") from None


Address = Annotated[str, AfterValidator(_address)]


class MailSettings(BaseModel):
    """The server, who the mail comes from, who watches over the whole study, and where alerts are answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    sender: Address
    # The clinic room's address, as staff type it.
    clinic: Origin
    monitoring: Address | None = None
    starttls: bool = True
    user: str = ""
    password: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.starttls and self.host not in NEAR:
            raise ValueError("starttls must be true outside this machine")
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password go together")
        return self
