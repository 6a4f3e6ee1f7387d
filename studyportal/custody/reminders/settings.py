"""What custody is told about web push: its key, whom push services may write to, and which services it calls."""

from base64 import b64decode
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from studyportal.custody.delivery.settings import Address
from studyportal.errors import Invalid
from studyportal.sealing.push import push_public
from studyportal.web.push_addresses import KNOWN_SERVICES, read_service
from studyportal.web.settings import Secret


class PushSettings(BaseModel):
    """`private_key` is 32 bytes as base64. Whoever replaces it ends every browser's reminders."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    private_key: Secret = Field(repr=False)
    contact: Address
    services: tuple[Annotated[str, AfterValidator(read_service)], ...] = KNOWN_SERVICES

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            push_public(self.raw_key)
        except Invalid:
            raise ValueError("private_key must be a key for web push") from None
        return self

    @property
    def raw_key(self) -> bytes:
        return b64decode(self.private_key)

    @property
    def public_key(self) -> str:
        """What browsers are told, as base64url."""
        return push_public(self.raw_key)
