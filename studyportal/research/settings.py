"""What the research room is told: where snapshots lie, how to open them, and what signs its releases."""

import base64
from pathlib import Path

from studyportal.web.settings import RoomSettings, Secret


class ResearchSettings(RoomSettings):
    """Settings of the research room; every key is base64."""

    shelf: Path  # custody's snapshots; read only
    releases: Path  # where finished release packages lie, readable by this room alone
    snapshot_key: Secret  # 32 bytes that unwrap a snapshot's file keys
    noise_secret: Secret  # 32 bytes; kept apart from the data keys, for perturbation that repeats itself
    export_key: Secret  # Ed25519 seed that signs releases
    export_certificate: Secret  # not secret, but as long: custody's signature over the export key's public half
    custody_public_key: Secret  # Ed25519 public key under which grants, snapshots and certificates are checked

    @staticmethod
    def raw(value: str) -> bytes:
        """The bytes of a setting that is written as base64."""
        return base64.b64decode(value, validate=True)
