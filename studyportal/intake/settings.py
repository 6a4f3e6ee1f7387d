"""What intake is told besides what every room is told."""

from base64 import b64decode

from studyportal.web.settings import RoomSettings, Secret


class IntakeSettings(RoomSettings):
    """`receipt_key` is an Ed25519 seed, `custody_public_key` the public half of custody's signing key, both base64."""

    receipt_key: Secret
    custody_public_key: Secret

    @property
    def receipt_seed(self) -> bytes:
        return b64decode(self.receipt_key)

    @property
    def custody_public(self) -> bytes:
        return b64decode(self.custody_public_key)
