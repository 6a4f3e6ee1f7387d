"""Another site's people, from each page of the clinic that names one: not there, in the very words for what never
was."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from studyportal import clock
from studyportal.database import reading
from studyportal.portal.inside import inside
from studyportal.registry.alert_tables import ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.desk_tables import DESK_OPENINGS, DESK_VISITS
from studyportal.registry.enrolment_tables import CAMPAIGNS
from studyportal.registry.reset_tables import PASSPHRASE_RESETS
from studyportal.registry.tables import ENROLMENTS
from studyportal.web.access_table import ACCESS
from studyportal.web.here import here
from tests.clinic.desk_cast import enrolment_of
from tests.factors import let_in
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House, hidden_fields

OURS, THEIRS = "NS", "SS"
# What an id in an address is the id of: of a blueprint's pages, or of one page; of all others, an enrolment's.
NAMED = {
    "alerts": SAFETY_ALERTS,
    "alerts.read_of_erasure": ERASED_ALERTS,
    "enrolment": CAMPAIGNS,
    "resets": PASSPHRASE_RESETS,
    "resets.ask": ENROLMENTS,
}
# What else an address names; of these, something that is there.
BESIDES = {"name": "dose", "number": 1}
BASELINE_FORM = {"name": "baseline", "number": 1}


@dataclass(frozen=True)
class Study:
    house: House
    theirs: Mapping[sa.Table, UUID]  # one of each kind, of the other site

    def client(self, role: str) -> FlaskClient:
        client = self.house.rooms["clinic"].test_client()
        let_in(client, "registry", f"{role} {OURS}", now=clock.now())
        return client


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    house = House(tmp_path_factory.mktemp("other_sites"))
    for site in (OURS, THEIRS):
        house.run("site", "add", site, f"Site {site}")
    for role in ("clinician", "coordinator"):
        house.account(f"{role} {OURS}", role, "--site", OURS)
    for leaves in (True, False):
        somebody = join(house, site=THEIRS)
        write(somebody, "baseline", BASELINE)
        write(somebody, "evening", {"pain_average": "9", "pain_worst": "9"})
        if leaves:
            somebody.browser.get("/leave/study/erase")
            somebody.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
            house.work()
    _use(house, enrolment_of(house, somebody))
    yield Study(house, _theirs(house))
    house.close()


def _use(house: House, somebody: UUID) -> None:
    """An open link of the other site, and a request there for new words for somebody."""
    coordinator = house.staff("clinic", f"coordinator {THEIRS}", "coordinator", "--site", THEIRS)
    coordinator.get("/enrolment/links")
    coordinator.post("/enrolment/links", status=200, name="Poster", cap="5", ends_on=f"{clock.now().year + 1}-01-05")
    coordinator.get(f"/resets/new/{somebody}")
    coordinator.post(f"/resets/new/{somebody}", check="known")


def _theirs(house: House) -> Mapping[sa.Table, UUID]:
    with inside("custody", house.folder), reading("registry") as connection:
        found = {table: connection.scalars(sa.select(table.c.id)).first() for table in {*NAMED.values()} - {ENROLMENTS}}
        return found | {ENROLMENTS: connection.scalar(sa.select(SAFETY_ALERTS.c.enrolment))}


def _routes(house: House) -> list[Route]:
    """The clinic's routes by which one thing of the own site is reached."""
    rules = ACCESS["clinic"]
    return [
        route
        for route in house.rooms["clinic"].url_map.iter_rules()
        if rules[route.endpoint].reach == "own site's" and "id" in route.arguments
    ]


def _asked(study: Study, client: FlaskClient, route: Route, method: str, id: UUID) -> tuple[int, str]:
    """The status and the page, without what differs from request to request and the id that the caller has sent."""
    named = BASELINE_FORM if {"name", "number"} <= route.arguments - (route.defaults or {}).keys() else BESIDES
    values = {name: named[name] for name in route.arguments - (route.defaults or {}).keys() if name != "id"}
    path, origin = route.build(values | {"id": id})[1], here(study.house.rooms["clinic"]).settings.origin
    about = {"base_url": origin}
    if method != "GET":
        data = hidden_fields(client.get("/help", base_url=origin).text)
        about |= {"data": data, "headers": {"Sec-Fetch-Site": "same-origin", "Origin": origin}}
    answer = client.open(path, method=method, **about)
    number = re.search(r"<code[^>]*>([^<]+)</code>", answer.text)
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text).replace(str(id), "ID")
    return answer.status_code, page.replace(number[1], "REQUEST") if number else page


def test_another_sites_things_are_answered_like_things_that_never_were(study: Study) -> None:
    wrong = []

    for role in ("clinician", "coordinator"):
        client = study.client(role)
        for route in _routes(study.house):
            theirs = study.theirs[NAMED.get(route.endpoint, NAMED.get(route.endpoint.split(".")[0], ENROLMENTS))]
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                seen = _asked(study, client, route, method, theirs)
                expected = 404 if role in ACCESS["clinic"][route.endpoint].roles else 403
                if seen[0] != expected or seen != _asked(study, client, route, method, uuid4()):
                    wrong.append(f"{method} {route.endpoint} as {role}: {seen[0]}")

    assert not wrong, "\n".join(wrong)


def test_every_such_page_is_among_those_walked(study: Study) -> None:
    walked = {route.endpoint for route in _routes(study.house)}

    assert {
        "timeline.show",
        "timeline.picture",
        "visits.begin",
        "visit_report.make",
        "messages.conversation",
        "alerts.look",
    } <= walked
    assert not [one for one in NAMED if not any(name == one or name.startswith(f"{one}.") for name in walked)]


def test_looking_for_another_sites_things_leaves_no_visit_and_opens_nothing(study: Study) -> None:
    with inside("custody", study.house.folder), reading("registry") as connection:
        for table in (DESK_VISITS, DESK_OPENINGS):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
