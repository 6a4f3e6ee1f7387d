"""Make the Flask application of a room, or refuse to.

A room gets its own databases, cookie, host name and limits; every endpoint must say who may call it. Debug mode is
refused: its pages show values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from studyportal import database
from studyportal.errors import Unsafe
from studyportal.web import words
from studyportal.web.access import Visitor, check_access, install_access, known_visitor, visitor
from studyportal.web.access_table import ACCESS, Rule
from studyportal.web.assets import Made, asset, install_assets, unhashed
from studyportal.web.guard import Guard
from studyportal.web.here import EXTENSION, ROOMS, Here, here
from studyportal.web.languages import ENGLISH
from studyportal.web.navigation import foot_links, offered_languages, visible_nav
from studyportal.web.refusals import install_refusals
from studyportal.web.request_log import RULE, RequestLog, place_of, request_id
from studyportal.web.same_origin import SAFE_METHODS, check_origin, is_app
from studyportal.web.settings import RoomSettings
from studyportal.web.translating import install_translating

# The largest page of answers is a few kilobytes; a view that takes a file says so for itself.
MAX_BODY_BYTES = 256 * 1024
MAX_FIELDS = 1000
OWN_SIGN_IN = "sign_in.own"
STEP_UP = "sign_in.step_up"
NOTHING_MADE: Mapping[str, Made] = MappingProxyType({})


class _FormSession(SecureCookieSessionInterface):
    """The form's cookie, for browsers; an app brings none, and opening one costs a tenth of taking an entry."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/api/") and is_app(request):
            return None
        return super().open_session(app, request)


class _Room(Flask):
    """A Flask application that never writes the text of an error: texts contain values."""

    session_interface = _FormSession()

    def __init__(self, log: RequestLog) -> None:
        super().__init__("studyportal.web", static_folder=None)
        self._log = log

    def log_exception(self, exc_info: Any) -> None:
        self._log.error(exc_info[1], place_of(exc_info[1]), request_id())


def make_room(
    name: str,
    settings: RoomSettings,
    protocol: Any,
    blueprints: Iterable[Blueprint],
    *,
    visitor_of: Callable[[Request], Visitor | None],
    rules: Mapping[str, Rule] | None = None,
    spoken: Sequence[Any] = (),
    speaks: Sequence[str] = (ENGLISH,),
    nav: Sequence[tuple[str, str]] = (),
    sign_in: str | None = "sign_in.sign_in",
    sign_out: str | None = "sign_in.sign_out",
    sessions: str = OWN_SIGN_IN,
    step_up: str = STEP_UP,
    made: Mapping[str, Made] = NOTHING_MADE,
) -> Flask:
    """The application of room `name`.

    `protocol` is the study in its first language and `spoken` the same in its others: each request is answered in the
    one that its browser asks for. `speaks` are the languages of the room's own words. `visitor_of` tells who sends a
    request; `rules` are those of the access table unless it is another room than those four; `nav` lists (endpoint,
    words), shown to the roles whose rule includes them; `sign_in` is the endpoint to which a stranger's browser is led
    and `sign_out` (POST) the one behind every page's "Sign out", None where there is none; `sessions` is the page of
    the caller's own sign-in, where there is one; `step_up` the one that shows again who they are; `made` are scripts
    that packages make. Templates are looked for in `studyportal/<name>/templates` first. Raises `Unsafe` for debug
    mode, an unknown room, a page without an access rule or a link without a page.
    """
    if name not in ROOMS:
        raise Unsafe("There is no room of this name.")
    log = RequestLog(name, settings.log)
    app = _Room(log)
    if app.debug:
        raise Unsafe("Debug mode shows values on error pages; unset FLASK_DEBUG.")
    app.config.update(_configuration(name, settings))
    if settings.databases:
        database.install(app)
    _look(app, name)
    install_translating(app)
    csrf = CSRFProtect(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    install_assets(app, room=name, made=made)
    install_refusals(app, log)
    rules = ACCESS[name] if rules is None else rules
    install_access(app, rules)
    if missing := [page for page in (*(page for page, _ in nav), sign_in, sign_out) if page and page not in rules]:
        raise Unsafe(f"Links lead to pages that do not exist: {', '.join(missing)}.")
    app.extensions[EXTENSION] = Here(
        name,
        settings,
        (protocol, *spoken),
        visitor_of,
        tuple(nav),
        sign_in,
        sign_out,
        sessions if sessions in rules else None,
        step_up if step_up in rules else None,
        tuple(speaks),
    )
    app.before_request(_doorkeeper(csrf, rules, origin=settings.origin))
    app.wsgi_app = Guard(app.wsgi_app, log, https=settings.is_https)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _configuration(name: str, settings: RoomSettings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_BINDS": {bind: database.bind_config(url) for bind, url in settings.databases.items()},
        "TRUSTED_HOSTS": [settings.host],
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "MAX_FORM_PARTS": MAX_FIELDS,
        "SESSION_COOKIE_NAME": f"__Host-{name}-form",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_PATH": "/",
        # The doorkeeper calls the check, after it knows that the caller is no app.
        "WTF_CSRF_CHECK_DEFAULT": False,
        # A token lives as long as its cookie, the browser's session: someone in pain may need an hour for a page.
        "WTF_CSRF_TIME_LIMIT": None,
        # We send no Referer; Origin and Sec-Fetch-Site are checked instead.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _look(app: Flask, name: str) -> None:
    own = Path(__file__).parents[1] / name / "templates"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(own), FileSystemLoader(Path(__file__).parent / "templates")])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(
        asset=asset,
        unhashed=unhashed,
        here=here,
        visitor=visitor,
        known_visitor=known_visitor,
        visible_nav=visible_nav,
        foot_links=foot_links,
        offered_languages=offered_languages,
    )


def _doorkeeper(csrf: CSRFProtect, rules: Mapping[str, Rule], *, origin: str) -> Callable[[], None]:
    """What happens before every view: one function, because entries arrive a thousand a second."""

    def check() -> None:
        current = request._get_current_object()  # the proxy costs at every use
        if current.url_rule is None:
            return
        current.environ[RULE] = current.url_rule.rule
        unsafe = current.method not in SAFE_METHODS
        if unsafe:
            check_origin(current, origin=origin)
        check_access(rules[current.url_rule.endpoint])
        if unsafe and not is_app(current):
            csrf.protect()

    return check
