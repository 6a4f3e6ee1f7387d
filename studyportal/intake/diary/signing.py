"""Where intake keeps its one key: made into a signer when the room starts, found by the views that need it."""

from flask import Flask, current_app

from studyportal.sealing.signatures import Signer

_PLACE = "studyportal.receipt_signer"


def install_signer(app: Flask, seed: bytes) -> None:
    """Give the room its receipt key (a 32-byte Ed25519 seed)."""
    app.extensions[_PLACE] = Signer(seed)


def receipt_signer() -> Signer:
    """The signer of receipts in this room."""
    return current_app.extensions[_PLACE]
