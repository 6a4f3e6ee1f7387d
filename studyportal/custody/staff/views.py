"""The administrator's pages of the staff: who is there, invite, invite again, take back, sign out, end."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm

from studyportal import clock
from studyportal.custody.staff import actions
from studyportal.custody.staff.forms import InviteForm, end_form
from studyportal.custody.staff.homes import CONSEQUENCES, HOMES
from studyportal.custody.staff.people import Colleague, colleague, colleagues
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid
from studyportal.registry.sites import sites
from studyportal.web.access import signed_in
from studyportal.web.access_table import ROLES
from studyportal.web.fields import show_problems
from studyportal.web.here import ROOMS, here
from studyportal.web.sign_in.factors import KINDS

pages = Blueprint("staff", __name__, url_prefix="/staff")


@pages.get("/")
def show() -> str:
    found = colleagues(now=clock.now())
    rooms = sorted({home.room for home in HOMES.values()})
    with reading("registry") as connection:
        names = {site.id: site.name for site in sites(connection)}
    return render_template(
        "custody/staff.html",
        roles=ROLES,
        rooms=[(ROOMS[room], [one for one in found if one.room == room and not one.ended_on]) for room in rooms],
        ended=[one for one in found if one.ended_on],
        sites=names,
        kinds=KINDS,
        me=_me(),
    )


@pages.route("/new", methods=["GET", "POST"])
def invite() -> Response:
    with reading("registry") as connection:
        form = InviteForm(sites(connection))
    if form.validate_on_submit():
        try:
            invited = actions.invite(
                form.name.data,
                role=form.role.data,
                site=form.site.data or None,
                administrator=_me(),
                now=clock.now(),
            )
        except Invalid as unfit:
            show_problems(form, unfit.problems)
        except Conflict as taken:
            form.name.errors = [taken.sentence]
        else:
            return _shown(invited)
    return make_response(render_template("custody/invite.html", form=form), 422 if form.errors else 200)


@pages.get("/<uuid:id>")
def look(id: UUID) -> str:
    with reading("registry") as connection:
        names = {site.id: site.name for site in sites(connection)}
    person = colleague(id, now=clock.now())
    about = {"sites": names, "kinds": KINDS, "rooms": ROOMS, "roles": ROLES, "me": _me()}
    return render_template("custody/colleague.html", one=person, **about)


@pages.route("/<uuid:id>/invite", methods=["GET", "POST"])
def invite_again(id: UUID) -> Response:
    person, form = _live(id), FlaskForm()
    if form.validate_on_submit():
        return _shown(actions.invite_again(id, administrator=_me(), now=clock.now()))
    return make_response(render_template("custody/invite_again.html", form=form, one=person, roles=ROLES, me=_me()))


@pages.post("/<uuid:id>/take-back")
def take_back(id: UUID) -> Response:
    actions.take_back(id, administrator=_me(), now=clock.now())
    flash("The invitation is taken back. Its address opens nothing any more.")
    return redirect(url_for("staff.look", id=id), 303)


@pages.post("/<uuid:id>/sessions")
def end_sessions(id: UUID) -> Response:
    ended = actions.end_sessions(id, administrator=_me(), now=clock.now())
    flash("Signed out everywhere." if ended else "They were signed in nowhere.")
    return redirect(url_for("staff.look", id=id), 303)


@pages.route("/<uuid:id>/end", methods=["GET", "POST"])
def end(id: UUID) -> Response:
    person = _live(id)
    form = end_form(person.name)
    if form.validate_on_submit():
        actions.end(id, administrator=_me(), now=clock.now())
        flash(f"The account of {person.name} has ended. Whatever they have open stops at its next step.")
        return redirect(url_for("staff.show"), 303)
    about = {"consequence": CONSEQUENCES[person.role], "roles": ROLES, "me": _me()}
    page = render_template("custody/end_account.html", form=form, one=person, **about)
    return make_response(page, 422 if form.errors else 200)


def _me() -> UUID:
    return UUID(str(signed_in().id))


def _live(id: UUID) -> Colleague:
    """The account, unless it has ended: then there is nothing to change."""
    person = colleague(id, now=clock.now())
    if person.ended_on:
        raise Gone("This account has ended.")
    return person


def _shown(invited: actions.Invited) -> Response:
    """The address that works once, shown once. Its secret stands behind the #, which no server is sent."""
    settings = here().settings
    origin = settings.origin if invited.room == "custody" else getattr(settings, invited.room)
    page = render_template(
        "custody/invitation.html",
        invited=invited,
        roles=ROLES,
        address=f"{origin}/welcome#{invited.token}" if origin else "",
        room=ROOMS[invited.room],
    )
    return make_response(page)
