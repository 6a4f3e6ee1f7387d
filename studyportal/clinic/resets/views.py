"""The pages on which staff help somebody who lost their words: the list, the first check, the second, and the code."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.clinic.resets import actions
from studyportal.clinic.resets.checks import CHECKS
from studyportal.clinic.resets.forms import CheckForm
from studyportal.database import reading
from studyportal.errors import Conflict, NotFound
from studyportal.registry.adherence import site_name
from studyportal.registry.reached import NOBODY, reached_by_site
from studyportal.registry.reset_states import CODE_LASTS, DELAY, has_lapsed, lapses_at
from studyportal.registry.resets import reset_of_site, resets_of_site, running_reset
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.web.sign_in.views import actor_of

resets = Blueprint("resets", __name__, url_prefix="/resets")

SHOWN_FOR = timedelta(days=30)
# State -> the kind of its look (parts.html) and its words.
LOOKS: Mapping[str, tuple[str, str]] = {
    "asked": ("attention", "Waits for a second person"),
    "confirmed": ("neutral", "Confirmed; custody begins to count"),
    "waiting": ("neutral", "The participant can stop it"),
    "ready": ("attention", "The code can be handed over"),
    "code": ("neutral", "Code handed over"),
    "taken": ("neutral", "Code used; being put into place"),
    "done": ("good", "Done"),
    "cancelled": ("neutral", "Stopped"),
    "expired": ("neutral", "Lapsed"),
}
WHO_STOPPED = {"participant": "the participant", "staff": "staff", "custody": "custody"}


@resets.get("/")
def show() -> str:
    """The requests of the site that run, and those that ended in the last month."""
    site, now = own_site(), clock.now()
    with reading("registry", site=site) as connection:
        name, rows = site_name(connection, site), resets_of_site(connection, site, since=now - SHOWN_FOR)
    return render_template(
        "clinic/resets.html",
        site=name,
        rows=[(row, _look(row)) for row in rows],
        looks=LOOKS,
        hours=DELAY // timedelta(hours=1),
        zone=here().protocol.monitoring.zone,
    )


@resets.route("/new/<uuid:id>", methods=["GET", "POST"])
def ask(id: UUID) -> Response:
    """Begin: what the first member of staff has checked."""
    form, caller, site = CheckForm(), signed_in(), own_site()
    with reading("registry", site=site) as connection:
        whose, running = reached_by_site(connection, site, id), running_reset(connection, id)
    if whose is None:
        raise NotFound(NOBODY)
    if running is not None and not has_lapsed(running, now=clock.now()):
        return redirect(url_for("resets.look", id=running.id), 303)
    if form.validate_on_submit():
        new = actions.ask(id, form.check.data, site=site, account=caller.id, actor=actor_of(caller), now=clock.now())
        flash("A colleague of your site has to confirm this now, with their own account.")
        return redirect(url_for("resets.look", id=new), 303)
    page = render_template("clinic/ask_reset.html", form=form, row=whose, hours=DELAY // timedelta(hours=1))
    return make_response(page, 422 if form.errors else 200)


@resets.get("/<uuid:id>")
def look(id: UUID) -> str:
    """How one request stands, and what can be done."""
    return _page(id, CheckForm())


@resets.post("/<uuid:id>/confirm")
def confirm(id: UUID) -> Response:
    """Confirm as the second person."""
    form, caller = CheckForm(), signed_in()
    if not form.validate_on_submit():
        return make_response(_page(id, form), 422)
    return _done(
        id,
        lambda: actions.confirm(
            id, form.check.data, site=own_site(), account=caller.id, actor=actor_of(caller), now=clock.now()
        ),
        "Confirmed. The participant is told on every page and can stop it; custody counts the hours.",
    )


@resets.post("/<uuid:id>/code")
def code(id: UUID) -> Response:
    """Show the code, this once."""
    caller, now = signed_in(), clock.now()
    try:
        shown = actions.hand_over(id, site=own_site(), account=caller.id, actor=actor_of(caller), now=now)
    except Conflict as refusal:
        flash(refusal.sentence)
        return redirect(url_for("resets.look", id=id), 303)
    return make_response(render_template("clinic/reset_code.html", code=shown, until=now + CODE_LASTS, **_shown(id)))


@resets.post("/<uuid:id>/stop")
def stop(id: UUID) -> Response:
    """Stop it."""
    caller = signed_in()
    return _done(
        id,
        lambda: actions.stop(id, site=own_site(), actor=actor_of(caller), now=clock.now()),
        "Stopped. The old words go on working.",
    )


def _done(id: UUID, act: Any, words: str) -> Response:
    try:
        act()
    except Conflict as refusal:
        flash(refusal.sentence)
    else:
        flash(words)
    return redirect(url_for("resets.look", id=id), 303)


def _look(row: Any) -> str:
    """The state as pages tell it: with the moment from which a code can be handed over, and without lapsed ones."""
    now = clock.now()
    if has_lapsed(row, now=now):
        return "expired"
    return "ready" if row.state == "waiting" and now >= row.ready_at else row.state


def _shown(id: UUID) -> dict[str, Any]:
    site = own_site()
    with reading("registry", site=site) as connection:
        row = reset_of_site(connection, site, id)
        names = {one.id: one.shown_name for one in accounts(connection, "registry")}
    if row is None:
        raise NotFound(actions.NONE)
    return {
        "row": row,
        "look": _look(row),
        "looks": LOOKS,
        "names": names,
        "checks": CHECKS,
        "lapses": lapses_at(row),
        "who_stopped": WHO_STOPPED,
        "hours": DELAY // timedelta(hours=1),
        "zone": here().protocol.monitoring.zone,
    }


def _page(id: UUID, form: CheckForm) -> str:
    shown = _shown(id)
    return render_template("clinic/reset.html", form=form, is_asker=shown["row"].asked_by == signed_in().id, **shown)
