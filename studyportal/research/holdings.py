"""What the research room holds while it runs: the shelf it reads, the folder of its releases, the key that signs them."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from studyportal.research.settings import ResearchSettings
from studyportal.research.snapshot.shelf import Shelf

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
    """Give the room what its settings name."""
    custody_public = settings.raw(settings.custody_public_key)
    app.extensions[_NAME] = Holdings(
        study=study,
        shelf=Shelf(settings.shelf, study, settings.raw(settings.snapshot_key), custody_public),
        releases=settings.releases,
        custody_public=custody_public,
        export_certificate=settings.raw(settings.export_certificate),
        export_key=settings.raw(settings.export_key),
    )


def holdings() -> Holdings:
    """Those of the room that answers this request."""
    found: Holdings = current_app.extensions[_NAME]
    return found
