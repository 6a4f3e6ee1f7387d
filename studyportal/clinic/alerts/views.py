"""The page of alerts: those that wait, the most pressing and oldest first, and those that somebody has taken on."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from studyportal import clock
from studyportal.clinic.alerts import actions
from studyportal.clinic.alerts.waiting import LOOKS, age
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.errors import Conflict
from studyportal.protocol.monitoring import in_words, is_staffed
from studyportal.registry.adherence import site_name
from studyportal.registry.alerts import count_open_alerts, open_alerts, taken_alerts
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.web.sign_in.views import actor_of

alerts = Blueprint("alerts", __name__, url_prefix="/alerts")

PAGE = 100
SHOWN_FOR = timedelta(days=30)


@alerts.get("/")
def show() -> str:
    """The alerts of the caller's site."""
    site, now, monitoring = own_site(), clock.now(), here().protocol.monitoring
    with reading("registry", site=site) as connection:
        name, total = site_name(connection, site), count_open_alerts(connection, site)
        waiting = open_alerts(connection, site, limit=PAGE)
        taken = taken_alerts(connection, site, since=now - SHOWN_FOR, limit=PAGE)
        names = {row.id: row.shown_name for row in accounts(connection, "registry")}
    return render_template(
        "clinic/alerts.html",
        site=name,
        total=total,
        waiting=[(row, age(row.raised_at, now=now)) for row in waiting],
        taken=[(row, names.get(row.acknowledged_by, "An account that is gone")) for row in taken],
        looks=LOOKS,
        hours=in_words(monitoring),
        is_staffed=is_staffed(monitoring, now),
        zone=monitoring.zone,
        may_acknowledge=signed_in().role == "clinician",
        now=now,
    )


@alerts.post("/<uuid:id>/acknowledge")
def acknowledge(id: UUID) -> Response:
    """Take one on, and go back to the list."""
    caller = signed_in()
    try:
        actions.acknowledge(id, site=own_site(), account=caller.id, actor=actor_of(caller), now=clock.now())
    except Conflict as refusal:
        flash(refusal.sentence)
    else:
        flash("You are taking care of this alert. Your colleagues see your name beside it.")
    return redirect(url_for("alerts.show"), 303)
