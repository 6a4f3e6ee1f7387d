"""The administrator's pages of the sites: which there are, a new one, and one that changes."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.delivery.actions import set_site_mail
from studyportal.custody.sites import actions
from studyportal.custody.sites.forms import NewSiteForm, SiteForm
from studyportal.custody.staff.people import colleagues
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.registry.sites import sites
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of

pages = Blueprint("sites", __name__, url_prefix="/sites")


@pages.get("/")
def show() -> str:
    staff = [one for one in colleagues(now=clock.now()) if one.begun and not one.ended_on]
    with reading("registry") as connection:
        found = sites(connection)
    return render_template(
        "custody/sites.html",
        sites=[(site, [one for one in staff if one.site == site.id]) for site in found],
        has_mail=here().settings.mail is not None,
    )


@pages.route("/new", methods=["GET", "POST"])
def add() -> Response:
    form = NewSiteForm()
    if form.validate_on_submit():
        try:
            actions.make_site(form.code.data, form.name.data, actor=actor_of(signed_in()), now=clock.now())
        except Invalid as unfit:
            show_problems(form, unfit.problems)
        except Conflict as taken:
            form.code.errors = [taken.sentence]
        else:
            flash(f"The site {form.code.data} is made. Invite its staff next.")
            return redirect(url_for("sites.show"), 303)
    return make_response(render_template("custody/new_site.html", form=form), 422 if form.errors else 200)


@pages.route("/<id>", methods=["GET", "POST"])
def change(id: str) -> Response:
    with reading("registry") as connection:
        found = {site.id: site for site in sites(connection)}
    if (site := found.get(id)) is None:
        raise NotFound("There is no such site.")
    was = (site.name, site.alert_address, site.escalate_after_minutes)
    form = SiteForm(**dict(zip(("name", "address", "after"), was, strict=True)))
    if form.validate_on_submit() and _is_changed(form, id, was=was):
        flash(f"Kept: {site.id}.")
        return redirect(url_for("sites.show"), 303)
    page = render_template("custody/site.html", form=form, site=site, has_mail=here().settings.mail is not None)
    return make_response(page, 422 if form.errors else 200)


def _is_changed(form: SiteForm, id: str, *, was: tuple[str, str | None, int | None]) -> bool:
    """Change what differs, and only that; False when it cannot be, with the reason at its field."""
    actor, now = actor_of(signed_in()), clock.now()
    name, mail = form.name.data, ((form.address.data or "").strip() or None, form.after.data)
    try:
        if mail != was[1:]:
            set_site_mail(id, address=mail[0], after=mail[1], actor=actor, now=now)
        if name != was[0]:
            actions.rename(id, name, actor=actor, now=now)
    except Invalid as unfit:
        show_problems(form, unfit.problems or {"address": unfit.sentence})
        return False
    return True
