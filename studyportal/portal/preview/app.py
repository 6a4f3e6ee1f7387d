"""Make the application that shows a study before it begins. It has no database, no keys, and keeps no answer."""

import secrets
from base64 import b64encode
from dataclasses import fields
from pathlib import Path

from flask import Flask, request
from jinja2 import ChoiceLoader, FileSystemLoader
from pydantic import Field

from studyportal.portal.preview.views import preview
from studyportal.protocol import Protocol, read_protocol
from studyportal.web.access_table import public
from studyportal.web.here import EXTENSION, Here
from studyportal.web.languages import known_languages
from studyportal.web.room import make_room
from studyportal.web.settings import RoomSettings

# It looks as intake does, because that is where participants meet the study.
ROOM = "intake"

RULES = {
    "asset": public("load styles, scripts and pictures"),
    **{
        f"preview.{page}": public("look at a study before it begins")
        for page in ("alert", "answer", "consent", "contents", "instrument")
    },
}


class PreviewSettings(RoomSettings):
    """What this room is told: no database, so that nothing can be kept."""

    databases: dict[str, str] = Field(default_factory=dict)


class PreviewHere(Here):
    """The room of the preview: the study in the language that the address asks for, so that each can be looked at."""

    def language(self) -> str:
        """The language of the address, or else the first of the study."""
        asked = request.args.get("language")
        return asked if asked in self.languages else self.languages[0]


def create_app(protocol: Protocol, path: Path, *, port: int) -> Flask:
    """The preview of a study that was read from `path`, for a browser on this machine."""
    settings = PreviewSettings(
        port=port,
        origin=f"http://localhost:{port}",
        secret_key=b64encode(secrets.token_bytes(32)).decode(),
        protocol=path,
        synthetic=False,
        workers=1,
        threads=4,
        log="-",
    )
    others = [read_protocol(protocol.source, name=path.name, language=other) for other in protocol.languages[1:]]
    app = make_room(
        ROOM,
        settings,
        protocol,
        [preview],
        visitor_of=lambda request: None,
        rules=RULES,
        spoken=others,
        speaks=known_languages(),
        sign_in=None,
        sign_out=None,
    )
    room = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = PreviewHere(**{field.name: getattr(room, field.name) for field in fields(Here)})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(Path(__file__).with_name("templates")), app.jinja_loader])  # type: ignore[list-item]
    return app
