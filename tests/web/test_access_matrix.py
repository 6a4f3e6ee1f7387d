"""Every rule of the access table, walked: each route as each role, at the caller's own things and at somebody else's.

No route is listed here: they come out of the rooms, and what each may do comes out of the table. Written down is only
which things of a small study an address can name; a route that names another kind of thing fails.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

from studyportal import clock
from studyportal.database import reading
from studyportal.portal.commands.access import as_markdown
from studyportal.portal.commands.staff import HOME
from studyportal.portal.inside import inside
from studyportal.registry.alert_tables import ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.enrolment_tables import CAMPAIGNS
from studyportal.registry.form_tables import CONSENT_FORMS
from studyportal.registry.reset_tables import PASSPHRASE_RESETS
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, WITHDRAWALS
from studyportal.web.access import FRESH
from studyportal.web.access_table import ACCESS, Rule
from studyportal.web.assets import SOURCES
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import account_named
from studyportal.web.sign_in.tables import SIGN_IN
from studyportal.workbench.tables import COHORTS, GRANTS, LEDGER_REVIEWS, RELEASES, REPORTS
from tests.factors import let_in
from tests.journeys.cast import BASELINE, Participant, approve, in_pain, join, others, publish, write
from tests.journeys.house import Browser, House, hidden_fields

SITES = ("NS", "SS")
UNTIL = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
# Another's are walked before the caller's own, and what ends a sign-in or takes something away is walked last.
LAST = re.compile(
    r"end_session|sign_out|withdrawal\.|remove_factor|\.change$|requests\.withdraw|reviews\.withdraw|\.close$|\.stop$"
)
# What a page needs besides its address, to be there at all.
ASKS = {f"project.cohorts.{one}_file": "?of=baseline.diagnosis" for one in ("picture", "table")}
# What answers otherwise to an empty form or before its time, though the caller is let in.
OTHERWISE = {
    "alerts.read_of_erasure": "not there",  # once somebody has read of it, it is gone
    "course.picture": "not there",  # one day is nothing to draw
    "diary.former": "not there",  # no button was named
    "enrolment.end_session": "not there",  # the form names the session
    "passkeys.remove": "not there",  # the form names the passkey
    "passkeys.sign_in": "sign in",  # as below
    "reminders.end": "not there",  # the form names the place
    "sign_in.passkey": "sign in",  # an empty passkey signs nobody in
    "withdrawal.certificate": "not there",  # she has not had anything erased
}


class Things(NamedTuple):
    """What an address can name: the caller's or the study's, and somebody else's, which "is not there"."""

    own: object
    other: object


@dataclass(frozen=True)
class Study:
    """Two sites, two projects, and something of everybody's."""

    house: House
    people: Mapping[str, str]  # role -> the name of an account
    participant: Participant
    things: Mapping[str, Things]

    def caller(self, room: str, role: str, ago: timedelta = timedelta()) -> FlaskClient:
        """The client of somebody of this role, who signed in so long ago."""
        app = self.house.rooms[room]
        if role == "participant":
            return self.participant.sign_in(Browser(app))._client
        client = app.test_client(use_cookies=role != "device")
        if role in HOME:
            let_in(client, HOME[role][1], self.people[role], now=clock.now() - ago)
        if role == "device":
            origin, body = (
                here(app).settings.origin,
                {"code": self.participant.code, "passphrase": self.participant.passphrase},
            )
            token = client.post("/api/devices", base_url=origin, json=body).json["token"]
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    house = House(tmp_path_factory.mktemp("matrix") / "instance")
    for code in SITES:
        house.run("site", "add", code, f"Site {code}")
    others(house, 44, in_pain(3))
    # A criterion needs two answers that 20 people are shown to have given, however the numbers are blurred.
    house.run("site", "add", "EA", "Eastside")
    others(house, 45, in_pain(3, diagnosis="migraine"), site="EA")
    people = [_in_alarm(house, site) for site in SITES]
    links = []
    for site, somebody in zip(SITES, people, strict=True):
        house.account(f"clinician {site}", "clinician", "--site", site)
        links.append(
            _use_clinic(house.staff("clinic", f"coordinator {site}", "coordinator", "--site", site), somebody.code)
        )
    for role in ("administrator", "auditor"):
        house.account(role, role)
    custodian = house.staff("custody", "custodian", "custodian")
    researchers = [house.staff("research", name, "researcher") for name in ("colleague", "researcher")]
    projects = [approve(researcher, custodian) for researcher in researchers]
    publish(house)
    for researcher, project in zip(researchers, projects, strict=True):
        _use_research(researcher, f"/projects/{project}")
    house.work()
    names = {role: f"{role} NS" if room == "clinic" else role for role, (room, _) in HOME.items()}
    yield Study(house, names, people[0], _things(house, projects[::-1], links[0], _calendar(people[1])))
    house.close()


def _in_alarm(house: House, site: str) -> Participant:
    """Somebody who raised an alert; before them somebody who raised one and had all erased."""
    for leaves in (True, False):
        somebody = join(house, site=site)
        write(somebody, "baseline", BASELINE)
        write(somebody, "evening", {"pain_average": "9", "pain_worst": "9"})
        if leaves:
            somebody.browser.get("/leave/study/erase")
            somebody.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
            house.work()
    return somebody


def _use_clinic(coordinator: Browser, code: str) -> str:
    """A link by which several can join (its secret), and a request for new words for the participant of this code."""
    coordinator.get("/enrolment/links")
    coordinator.post("/enrolment/links", status=200, name="Poster", cap="5", ends_on=UNTIL)
    link = re.search(r"/join/c/([\w-]+)", coordinator.page)
    coordinator.get("/participants/")
    (somebody,) = re.findall(rf'href="/participants/([0-9a-f-]{{36}})"[^>]*>{code}<', coordinator.page)
    coordinator.get(f"/resets/new/{somebody}")
    coordinator.post(f"/resets/new/{somebody}", check="known")
    assert link
    return link[1]


def _calendar(somebody: Participant) -> str:
    """What stands in the address of somebody's calendar."""
    somebody.browser.get("/reminders")
    somebody.browser.post("/reminders/calendar", status=200)
    found = re.search(r"/calendar/([\w-]+)\.ics", somebody.browser.page)
    assert found
    return found[1]


def _use_research(researcher: Browser, project: str) -> None:
    researcher.get(f"{project}/cohort?baseline.diagnosis=fibromyalgia")
    researcher.post(f"{project}/cohort?baseline.diagnosis=fibromyalgia", name="Fibromyalgia")
    researcher.get(f"{project}/cohort?baseline.diagnosis=fibromyalgia")
    researcher.post(f"{project}/reports?baseline.diagnosis=fibromyalgia")
    researcher.get(f"{project}/releases/new")
    researcher.post(f"{project}/releases/new", item=["baseline__diagnosis"])
    # More than is left in the ledger: asked of the custodian.
    beyond = "baseline.diagnosis=fibromyalgia&show=missing:evening&show=change:evening.pain_average"
    researcher.get(f"{project}/reviews/ask?{beyond}")
    researcher.post(f"{project}/reviews/ask?{beyond}", reason="These courses are the outcomes that we registered.")


def _things(house: House, projects: Sequence[str], link: str, calendar: str) -> Mapping[str, Things]:
    """What each argument of an address stands for: of one endpoint, of a blueprint, or everywhere."""
    with inside("custody", house.folder), reading("registry") as registry, reading("workbench") as workbench:

        def by_site(column: sa.Column[UUID]) -> Things:
            """One of each site."""
            table = column.table
            rows = sa.select(column) if "site" in table.c else sa.select(column).join(ENROLMENTS)
            whose = (table if "site" in table.c else ENROLMENTS).c.site
            return Things(*(registry.scalars(rows.where(whose == site)).all()[-1] for site in SITES))

        def by_project(column: sa.Column[UUID]) -> Things:
            """The one of each project."""
            mine = column.table.c.project
            return Things(*(workbench.scalars(sa.select(column).where(mine == one)).one() for one in projects))

        sheet = next(iter(SOURCES))
        request, grant, review = (by_project(one) for one in (GRANTS.c.application, GRANTS.c.id, LEDGER_REVIEWS.c.id))
        return {
            "agreements.name": Things(*projects),
            "alerts.id": by_site(SAFETY_ALERTS.c.id),
            "alerts.read_of_erasure.id": by_site(ERASED_ALERTS.c.id),
            "approvals.id": Things(request.own, uuid4()),
            "asset.name": Things(sheet, sheet),
            "consent_forms.id": Things(registry.scalars(sa.select(CONSENT_FORMS.c.id)).first(), uuid4()),
            "correcting.id": by_site(SAFETY_ALERTS.c.entry),
            "course.id": by_site(SAFETY_ALERTS.c.entry),
            "course.name": Things("follow_up", "follow_up"),
            "enrolment.id": by_site(CAMPAIGNS.c.id),
            "grants.act": Things("suspend", "suspend"),
            "grants.id": Things(grant.own, uuid4()),
            "id": by_site(SAFETY_ALERTS.c.enrolment),
            "joining.token": Things(link, link),
            "diary.name": Things("dose", "dose"),
            "diary.name of a number": Things("baseline", "baseline"),
            "forms.name": Things("dose", "dose"),
            "forms.name of a number": Things("baseline", "baseline"),
            "kind": Things("svg", "svg"),
            "number": Things(1, 1),
            "offline.name": Things("dose", "dose"),
            "papers.id": Things(*(_signed_by(registry, who) for who in by_site(SAFETY_ALERTS.c.enrolment))),
            "project": Things(*projects),
            "project.saved.identifier": by_project(COHORTS.c.id),
            "project.releases.identifier": by_project(RELEASES.c.id),
            "project.reports.identifier": by_project(REPORTS.c.id),
            "project.reviews.identifier": review,
            "reminders.token": Things(calendar, calendar),
            "requests.id": request,
            "resets.ask.id": by_site(SAFETY_ALERTS.c.enrolment),
            "resets.id": by_site(PASSPHRASE_RESETS.c.id),
            "reviews.id": Things(review.own, uuid4()),
            "scope": Things("study", "study"),
            "sites.id": Things("NS", "XX"),
            "staff.id": Things(account_named(workbench, "workbench", "colleague").id, uuid4()),
            "strength": Things("stop", "stop"),
            "withdrawals.id": Things(registry.scalars(sa.select(WITHDRAWALS.c.id)).first(), uuid4()),
        }


def _signed_by(registry: sa.Connection, enrolment: object) -> UUID:
    """A consent that somebody signed."""
    return registry.scalars(sa.select(CONSENT_RECORDS.c.id).where(CONSENT_RECORDS.c.enrolment == enrolment)).one()


def _own_sign_in(study: Study, endpoint: str, role: str) -> Things:
    """Sessions and factors are each caller's own."""
    bind = HOME[role][1] if role in HOME else ""
    table = SIGN_IN[bind].factors if "factor" in endpoint else SIGN_IN[bind].sessions
    with inside("custody", study.house.folder), reading(bind) as connection:
        account = account_named(connection, bind, study.people[role]).id
        own = sa.select(table.c.id).where(table.c.account == account)
        live = own.where(table.c.ended_at.is_(None)) if "ended_at" in table.c else own
        return Things(connection.scalars(live).first(), uuid4())


def _arguments(route: Route) -> frozenset[str]:
    return frozenset(route.arguments - (route.defaults or {}).keys())


def _things_of(study: Study, route: Route, argument: str, role: str) -> Things:
    endpoint = route.endpoint
    if argument == "name" and "number" in _arguments(route):
        return study.things[f"{endpoint.split('.')[0]}.name of a number"]
    if endpoint.startswith("sign_in.") and argument == "id":
        return _own_sign_in(study, endpoint, role) if role in HOME else Things(uuid4(), uuid4())
    parts = [*endpoint.split("."), argument]
    names = (".".join([*parts[:length], argument]) for length in range(len(parts) - 1, -1, -1))
    for name in names:
        if name in study.things:
            return study.things[name]
    raise AssertionError(f"{endpoint} names a {argument!r}; say in _things which ones there are.")


class Step(NamedTuple):
    """One call, and what the table says of it."""

    endpoint: str
    method: str
    role: str
    whose: str  # "own", or "other"
    path: str
    rule: Rule


def _steps(study: Study, room: str, role: str) -> Sequence[Step]:
    """Every route of a room; those with somebody else's thing first, and what takes something away last."""
    found = []
    for route in study.house.rooms[room].url_map.iter_rules():
        things = {one: _things_of(study, route, one, role) for one in _arguments(route)}
        for whose in Things._fields if any(one.own != one.other for one in things.values()) else ("own",):
            path = route.build({name: getattr(one, whose) for name, one in things.items()})[1]
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                path += ASKS.get(route.endpoint, "")
                found.append(Step(route.endpoint, method, role, whose, path, ACCESS[room][route.endpoint]))
    return sorted(found, key=lambda one: (bool(LAST.search(one.endpoint)), one.whose == "own", one.method))


def _asked(study: Study, room: str, client: FlaskClient, step: Step) -> TestResponse:
    """The answer to somebody who opens this address, or sends its form without anything in it."""
    origin = here(study.house.rooms[room]).settings.origin
    if step.method == "GET":
        return client.get(step.path, base_url=origin)
    page = client.get("/help", base_url=origin).text
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": origin}
    return client.open(step.path, method=step.method, base_url=origin, data=hidden_fields(page), headers=headers)


def _expected(step: Step, *, stale: bool) -> str:
    """What the access table says."""
    if "public" in step.rule.roles:
        return "let in"
    if step.role == "nobody":
        return "sign in"
    if step.role not in step.rule.roles:
        return "not for this role"
    if step.rule.fresh and stale:
        return "who are you"
    return "not there" if step.whose == "other" else "let in"


def _seen(answer: TestResponse) -> str:
    """What an answer says."""
    if answer.status_code in (303, 307) and "/step-up" in answer.headers["Location"]:
        return "who are you"
    kinds = {401: "sign in", 403: "not for this role", 404: "not there"}
    return kinds.get(answer.status_code, "let in" if answer.status_code < 500 else "failed")


def _callers(room: str) -> Sequence[str]:
    """Everybody who can be somebody in a room."""
    own = (
        ["participant", "device"] if room == "intake" else [role for role, (where, _) in HOME.items() if where == room]
    )
    return ["nobody", *own]


@pytest.mark.parametrize("stale", [False, True], ids=["fresh", "a while ago"])
@pytest.mark.parametrize(
    ("room", "role"), [(room, role) for room in ACCESS for role in _callers(room)], ids=lambda one: str(one)
)
def test_every_route_answers_each_role_as_the_table_says(study: Study, room: str, role: str, stale: bool) -> None:
    ago = FRESH + timedelta(minutes=1) if stale else timedelta()
    client, wrong = study.caller(room, role, ago), []

    for step in _steps(study, room, role):
        if LAST.search(step.endpoint):
            client = study.caller(room, role, ago)
        seen, expected = _seen(_asked(study, room, client, step)), _expected(step, stale=stale)
        if seen != expected and not (expected == "let in" and seen == OTHERWISE.get(step.endpoint)):
            wrong.append(f"{step.method} {step.endpoint} ({step.whose}): {seen}, and not {expected}")

    assert not wrong, "\n".join(wrong)


def test_the_printed_table_is_the_one_that_is_obeyed() -> None:
    assert (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8") == as_markdown()
