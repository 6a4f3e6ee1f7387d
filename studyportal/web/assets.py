"""Serve stylesheets and scripts from our own origin, compressed once, named by their content.

An address with the right content hash may be kept by the browser for a year; one without is checked again.
Bootstrap comes out of the installed Bootstrap-Flask; nothing is copied into ours, nothing is fetched from
elsewhere. Of that package we serve the one stylesheet that we use, and not the rest.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from flask import Flask, Response, current_app, request, url_for

from studyportal.errors import NotFound

_BOOTSTRAP = files("flask_bootstrap") / "static" / "bootstrap5"
_OWN = files("studyportal.web") / "static"

# Name in the address -> where it is, and its type. Only these are served, and the room's own beside them.
SOURCES: dict[str, tuple[Traversable, str]] = {
    "bootstrap.css": (_BOOTSTRAP / "css" / "bootstrap.min.css", "text/css"),
    "diary.js": (_OWN / "diary.js", "text/javascript"),
    "expressions.js": (_OWN / "expressions.js", "text/javascript"),
    "icon.svg": (_OWN / "icon.svg", "image/svg+xml"),
    "portal.css": (_OWN / "portal.css", "text/css"),
    "portal.js": (_OWN / "portal.js", "text/javascript"),
    "saying.js": (_OWN / "saying.js", "text/javascript"),
    "webauthn.js": (_OWN / "webauthn.js", "text/javascript"),
}
KINDS = {".css": "text/css", ".js": "text/javascript"}
A_YEAR = "public, max-age=31536000, immutable"
CHECK_AGAIN = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    plain: bytes
    packed: bytes
    kind: str
    tag: str


@dataclass(frozen=True, slots=True)
class Made:
    """A script that an installed package makes. It is made when it is first asked for, since that takes seconds; until
    then its recipe names it, which is the same for the same content."""

    recipe: str
    make: Callable[[], bytes]


def room_sources(room: str) -> dict[str, tuple[Traversable, str]]:
    """The stylesheets and scripts in `studyportal/<room>/static`, if the room has any."""
    folder = files("studyportal") / room / "static"
    found = sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else []
    kinds = {one.name: KINDS.get(one.name[one.name.rfind(".") :]) for one in found}
    return {one.name: (one, kind) for one in found if (kind := kinds[one.name])}


def _load(source: Traversable, kind: str) -> Asset:
    # A map for debuggers would be one more address that answers nothing.
    plain = source.read_bytes().split(b"\n/*# sourceMappingURL=")[0]
    return _packed(plain, kind, _tag(plain))


@cache
def _load_made(source: Made) -> Asset:
    return _packed(source.make(), KINDS[".js"], _tag(source.recipe.encode()))


def _packed(plain: bytes, kind: str, tag: str) -> Asset:
    return Asset(plain, gzip.compress(plain, 9, mtime=0), kind, tag)


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def install_assets(app: Flask, *, room: str, made: Mapping[str, Made]) -> None:
    """Read every asset and give them an address; `made` are scripts that only this room has."""
    assets = {name: _load(*source) for name, source in (room_sources(room) | SOURCES).items()}
    tags = {name: one.tag for name, one in assets.items()}
    app.extensions["studyportal.assets"] = tags | {name: _tag(one.recipe.encode()) for name, one in made.items()}

    @app.get("/static/<name>", endpoint="asset")
    def send(name: str) -> Response:
        found = _load_made(made[name]) if name in made else assets.get(name)
        if found is None:
            raise NotFound("There is no such file.")
        packed = "gzip" in request.accept_encodings
        response = Response(found.packed if packed else found.plain, content_type=f"{found.kind}; charset=utf-8")
        response.headers["Cache-Control"] = A_YEAR if request.args.get("v") == found.tag else CHECK_AGAIN
        response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(found.tag)
        return response.make_conditional(request)


def asset(name: str) -> str:
    """The address of an asset, with its content hash."""
    return url_for("asset", name=name, v=current_app.extensions["studyportal.assets"][name])


def unhashed(name: str) -> str:
    """The address of an asset as a script imports it, without its hash: it is checked again at each use."""
    return url_for("asset", name=name)
