"""What the research room holds while it runs: the shelf it reads, the folder of its releases, the key that signs
them."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from studyportal.errors import Refusal, Unsafe
from studyportal.research.answers import StoredAnswers
from studyportal.research.settings import ResearchSettings
from studyportal.research.snapshot.shelf import Shelf
from studyportal.sealing.signatures import public_of, verify

# What custody signs: the 32 public bytes of the export key, under this label.
CERTIFICATE_LABEL = "studyportal export key"
_NAME = "studyportal.research"


@dataclass(frozen=True)
class Holdings:
    """Keys are bytes here; none is ever shown."""

    study: str
    shelf: Shelf
    releases: Path
    custody_public: bytes
    export_certificate: bytes
    export_key: bytes = field(repr=False)


def install_holdings(app: Flask, settings: ResearchSettings, *, study: str) -> None:
    """Give the room what its settings name. Raises what `held` raises."""
    app.extensions[_NAME] = held(settings, study=study)


def held(settings: ResearchSettings, *, study: str) -> Holdings:
    """What the settings name. Raises `Unsafe` if custody has not certified the key that signs releases."""
    custody_public = settings.raw(settings.custody_public_key)
    export_key, certificate = settings.raw(settings.export_key), settings.raw(settings.export_certificate)
    try:
        verify(CERTIFICATE_LABEL, public_of(export_key), certificate, public=custody_public)
    except Refusal:
        raise Unsafe("The setting export_certificate does not fit export_key and custody_public_key.") from None
    answers = StoredAnswers(study, settings.snapshot_key, settings.raw(settings.noise_secret))
    return Holdings(
        study=study,
        shelf=Shelf(settings.shelf, study, settings.raw(settings.snapshot_key), custody_public, answers),
        releases=settings.releases,
        custody_public=custody_public,
        export_certificate=certificate,
        export_key=export_key,
    )


def holdings() -> Holdings:
    """Those of the room that answers this request."""
    found: Holdings = current_app.extensions[_NAME]
    return found
