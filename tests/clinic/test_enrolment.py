"""Coordinators give out codes and links of their own site, shown once, and read how many came how far."""

import random
import re
import threading
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import current_app

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.enrolment.actions import MOST_CODES, end_campaign, issue_codes, open_campaign
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.paper.code_sheet import SIZES, CodeSheet, printed_codes
from studyportal.registry.campaigns import campaign_of_link, campaign_state, campaigns_of, take_place
from studyportal.registry.enrolment_log import COLUMNS, Week, enrolment_flow, enrolment_weeks
from studyportal.registry.enrolment_tables import CAMPAIGNS, SCREENING_COUNTS
from studyportal.registry.screening import count_event, monday_of, reason_counts, week_of
from studyportal.registry.tables import ENROLMENT_CODES, WITHDRAWALS
from studyportal.web.sign_in.actions import add_account
from tests.clinic.test_adherence import NOW, ORIGIN, WORDS, clinic, enrol, protocol, registry, signed_in  # noqa: F401

COORDINATOR = Actor("clinic", "coordinator", "Cora")
MONTH = timedelta(days=30)
SCOPES = frozenset({"study"})
CODE = r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"


def a_link(site="NS", *, cap=3, token="token", ends_at=NOW + MONTH, name="Poster"):
    id = uuid4()
    open_campaign(id, token, site=site, name=name, cap=cap, ends_at=ends_at, actor=COORDINATOR, now=NOW)
    return id


def all_of(table):
    with reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


def test_codes_are_kept_as_hashes_for_the_own_site_and_told_to_the_trail_as_a_number(registry):  # noqa: F811
    codes = issue_codes("NS", 5, expires_at=NOW + MONTH, rng=random.Random(1), actor=COORDINATOR, now=NOW)

    assert {row.site for row in all_of(ENROLMENT_CODES)} == {"NS"} and len(set(codes)) == 5
    (event,) = [row for row in all_of(AUDIT_EVENTS["registry"]) if row.action == "code:issue"]
    assert '"codes":5' in event.detail.replace(" ", "") and not any(code in event.detail for code in codes)


@pytest.mark.parametrize(
    ("count", "expires_at", "field"),
    [
        (0, NOW + MONTH, "count"),
        (51, NOW + MONTH, "count"),
        (1, NOW, "expires_on"),
        (1, NOW + 13 * MONTH, "expires_on"),
    ],
)
def test_unfit_wishes_give_out_nothing(registry, count, expires_at, field):  # noqa: F811
    with pytest.raises(Invalid) as refusal:
        issue_codes("NS", count, expires_at=expires_at, rng=random.Random(1), actor=COORDINATOR, now=NOW)

    assert list(refusal.value.problems) == [field] and all_of(ENROLMENT_CODES) == []


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"cap": 0}, "cap"), ({"cap": 1001}, "cap"), ({"ends_at": NOW}, "ends_on"), ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"), ({"ends_at": NOW + 13 * MONTH}, "ends_on"),
    ],
)  # fmt: skip
def test_an_unfit_link_is_not_made(registry, wish, field):  # noqa: F811
    with pytest.raises(Invalid) as refusal:
        a_link(**wish)

    assert list(refusal.value.problems) == [field] and all_of(CAMPAIGNS) == []


def test_of_many_who_sign_at_once_as_many_get_a_place_as_there_are(registry):  # noqa: F811
    a_link(cap=3)
    app, start, got = current_app._get_current_object(), threading.Barrier(8), []

    def sign():
        with app.app_context():
            start.wait()
            with writing("registry") as connection:
                got.append(take_place(connection, "token", now=NOW))

    threads = [threading.Thread(target=sign) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(got) == [False] * 5 + [True] * 3
    assert [row.used for row in all_of(CAMPAIGNS)] == [3]


def test_a_link_is_open_full_ended_or_closed_and_only_open_gives_places(registry):  # noqa: F811
    id = a_link(cap=1)

    def state(now=NOW):
        with reading("registry") as connection:
            return campaign_state(campaign_of_link(connection, "token"), now=now)

    states = [state(), state(NOW + MONTH)]
    with writing("registry") as connection:
        assert take_place(connection, "token", now=NOW) and not take_place(connection, "token", now=NOW)
        assert not take_place(connection, "other", now=NOW) and not take_place(connection, "token", now=NOW + MONTH)
    states.append(state())
    end_campaign(id, site="NS", actor=COORDINATOR, now=NOW)
    states.append(state())

    assert states == ["open", "ended", "full", "closed"]
    with pytest.raises(Conflict):
        end_campaign(id, site="NS", actor=COORDINATOR, now=NOW)


def test_another_sites_link_is_not_there(registry):  # noqa: F811
    id = a_link("SS")

    for missing in (id, uuid4()):
        with pytest.raises(NotFound):
            end_campaign(missing, site="NS", actor=COORDINATOR, now=NOW)
    with reading("registry", site="NS") as connection:
        assert campaigns_of(connection, "NS") == []


def test_the_database_itself_gives_no_place_over_the_cap(registry):  # noqa: F811
    a_link(cap=1)

    with pytest.raises(sa.exc.IntegrityError), writing("registry") as connection:
        connection.execute(sa.update(CAMPAIGNS).values(used=2))


@pytest.mark.parametrize(
    "row", [("NS", 3, "reason", "young"), ("", 0, "reason", ""), ("NS", 3, "looked", "young"), ("NS", 3, "seen", "")]
)
def test_no_reason_is_ever_kept_for_one_site_or_week(registry, row):  # noqa: F811
    values = dict(zip(("site", "week", "what", "reason"), row, strict=True))

    with pytest.raises(sa.exc.IntegrityError), writing("registry") as connection:
        connection.execute(sa.insert(SCREENING_COUNTS), values | {"count": 1})


def test_weeks_begin_on_monday():
    assert monday_of(week_of(date(2026, 3, 30))) == date(2026, 3, 30)
    assert monday_of(week_of(date(2026, 3, 29))) == date(2026, 3, 23)


def test_the_log_counts_each_week_of_one_site_and_the_flow_adds_up(registry):  # noqa: F811
    sunday = datetime(2026, 3, 22, 23, 59, tzinfo=UTC)
    issue_codes("NS", 4, expires_at=NOW + MONTH, rng=random.Random(1), actor=COORDINATOR, now=sunday)
    issue_codes("SS", 9, expires_at=NOW + MONTH, rng=random.Random(2), actor=COORDINATOR, now=NOW)
    with writing("registry") as connection:
        for what, reasons in (
            ("looked", ()),
            ("looked", ()),
            ("screened", ()),
            ("not_eligible", ("young", "pregnant")),
        ):
            count_event(connection, what, site="NS", now=NOW, reasons=reasons)
        count_event(connection, "not_eligible", site="SS", now=NOW, reasons=("young",))
    stays, leaves, erased = (enrol("NS", start=date(2026, 3, 23)) for _ in range(3))
    enrol("SS", start=date(2026, 3, 23))
    for id, strength, done in ((leaves, "stop", None), (erased, "remove", None), (erased, "erase", NOW)):
        row = {"id": uuid4(), "enrolment": id, "scope": "study", "strength": strength, "requested_at": NOW}
        with writing("registry", enrolment=id) as connection:
            connection.execute(sa.insert(WITHDRAWALS), row | {"completed_at": done})

    with reading("registry", site="NS") as connection:
        weeks = enrolment_weeks(connection, "NS", required_scopes=SCOPES, until=NOW.date())
        flow = enrolment_flow(connection, "NS", required_scopes=SCOPES)
        study = enrolment_flow(connection, None, required_scopes=SCOPES)

    assert weeks == [
        Week(date(2026, 3, 30), looked=2, screened=1, not_eligible=1, left=2, erased=1),
        Week(date(2026, 3, 23), consented=3),
        Week(date(2026, 3, 16), issued=4),
    ]
    for name in COLUMNS:
        assert getattr(flow, name) == sum(getattr(one, name) for one in weeks), name
    assert (flow.taking_part, flow.imported, flow.reasons) == (1, 0, None)
    assert study.reasons == {"pregnant": 1, "young": 2} and study.issued == 13
    assert stays


def test_an_empty_site_has_an_empty_log(registry):  # noqa: F811
    with reading("registry", site="NS") as connection:
        assert enrolment_weeks(connection, "NS", required_scopes=SCOPES, until=NOW.date()) == ()
        assert reason_counts(connection) == {}


HOSTILE = "<b>=1+1 مستشفى \U0001f600 " + "Schmerzlangzeitbeobachtungsstudie " * 300


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", ["Northside", HOSTILE])
def test_a_file_of_cards_has_every_code_ten_a_page_and_is_the_same_again(size, words):
    codes = [f"AAAA-BBBB-{number:04}" for number in range(MOST_CODES)]
    sheet = CodeSheet(words, words, "https://diary.example.org/join", "Mon 3 Mar 2025", date(2025, 2, 1))

    file = printed_codes(sheet, codes, size=size)

    pages = pypdfium2.PdfDocument(BytesIO(file))
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert len(pages) == 5 and all(code in text for code in codes)
    assert printed_codes(sheet, codes, size=size) == file
    assert "<b>" in text if words == HOSTILE else "diary.example.org/join" in text
    pages.close()


@pytest.fixture
def site(clinic):  # noqa: F811
    """The clinic with a coordinator at each site: (app, their browsers by site)."""
    with clinic.app_context(), writing("registry") as connection:
        for name, where in (("Cora", "NS"), ("Sam", "SS")):
            add_account(
                connection, "registry", name=name, role="coordinator", site=where, passphrase=WORDS, own_words=(),
                actor=Actor("command", "administrator", "test"), now=NOW,
            )  # fmt: skip
    settings = clinic.extensions["studyportal"].settings
    object.__setattr__(settings, "diary", "https://diary.example.org")
    return clinic, {"NS": signed_in(clinic, "Cora"), "SS": signed_in(clinic, "Sam")}


def send(client, path, page=None, **fields):
    source = client.get(page or path, base_url=ORIGIN).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', source)[1]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return client.post(path, base_url=ORIGIN, data={"csrf_token": token, **fields}, headers=headers)


UNTIL = (NOW + MONTH).date().isoformat()


def test_one_code_is_shown_once_with_its_square_and_never_again(site):
    _, browsers = site

    shown = send(browsers["NS"], "/enrolment/codes", count="1", expires_on=UNTIL, paper="screen").text

    (code,) = set(re.findall(CODE, shown))
    assert "data:image/svg+xml" in shown and "https://diary.example.org/join" in shown
    for page in ("/enrolment/codes", "/enrolment/", "/enrolment/log.csv", "/"):
        assert code not in browsers["NS"].get(page, base_url=ORIGIN).text


@pytest.mark.parametrize("paper", SIZES)
def test_cards_come_as_a_file_that_no_cache_keeps(site, paper):
    _, browsers = site

    file = send(browsers["NS"], "/enrolment/codes", count="50", expires_on=UNTIL, paper=paper)

    assert file.data.startswith(b"%PDF") and file.mimetype == "application/pdf"
    assert file.headers["Cache-Control"] == "no-store" and "attachment" in file.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": "0"}, {"count": "51"}, {"count": "many"}, {"count": "9" * 5000}, {"count": ""}, {"paper": "A3"},
        {"expires_on": "2020-01-01"}, {"expires_on": "9999-12-31"}, {"expires_on": "0001-01-01"}, {"expires_on": "soon"},
        {"paper": ""},
    ],
)  # fmt: skip
def test_a_bad_form_comes_back_with_what_to_do_and_gives_out_nothing(site, wrong):
    app, browsers = site

    back = send(browsers["NS"], "/enrolment/codes", **({"count": "1", "expires_on": UNTIL, "paper": "screen"} | wrong))

    assert back.status_code == 422 and "error-summary" in back.text
    with app.app_context():
        assert all_of(ENROLMENT_CODES) == []


def test_a_link_is_shown_once_listed_and_closed_by_its_own_site_alone(site):
    app, browsers = site

    shown = send(browsers["NS"], "/enrolment/links", name="<b>Leaflet", cap="20", ends_on=UNTIL).text
    (token,) = set(re.findall(r"https://diary\.example\.org/join/c/([\w-]+)", shown))
    with app.app_context():
        (row,) = all_of(CAMPAIGNS)
    listed = browsers["NS"].get("/enrolment/links", base_url=ORIGIN).text

    assert "&lt;b&gt;Leaflet" in listed and "0 of 20" in listed and token not in listed
    assert "Leaflet" not in browsers["SS"].get("/enrolment/links", base_url=ORIGIN).text
    close = f"/enrolment/links/{row.id}/close"
    assert send(browsers["SS"], close, page="/enrolment/links").status_code == 404
    assert send(browsers["NS"], close, page="/enrolment/links").status_code == 303
    assert "Closed" in browsers["NS"].get("/enrolment/links", base_url=ORIGIN).text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"cap": "0"}, {"cap": "1001"}, {"ends_on": "9999-12-31"}, {"name": "x" * 10_000}]
)
def test_a_bad_wish_for_a_link_makes_none(site, wrong):
    app, browsers = site

    back = send(browsers["NS"], "/enrolment/links", **({"name": "Poster", "cap": "5", "ends_on": UNTIL} | wrong))

    assert back.status_code == 422
    with app.app_context():
        assert all_of(CAMPAIGNS) == []


def test_a_clinician_reads_the_log_and_gives_out_nothing(site):
    app, _ = site
    ada = signed_in(app, "Ada")

    assert ada.get("/enrolment/", base_url=ORIGIN).status_code == 200
    for path in ("/enrolment/codes", "/enrolment/links"):
        assert ada.get(path, base_url=ORIGIN).status_code == 403
    assert send(ada, "/enrolment/codes", page="/participants/", count="1", expires_on=UNTIL).status_code == 403


def test_the_log_as_a_file_has_the_own_sites_weeks_and_no_reason(site):
    app, browsers = site
    with app.app_context(), writing("registry") as connection:
        count_event(connection, "not_eligible", site="NS", now=NOW, reasons=("pregnancy",))
        count_event(connection, "looked", site="SS", now=NOW)

    file = browsers["NS"].get("/enrolment/log.csv", base_url=ORIGIN).text

    assert file.splitlines()[0] == "site,week_from,issued,looked,screened,not_eligible,consented,left,erased"
    assert file.splitlines()[1] == "NS,2026-03-30,0,0,0,1,0,0,0"
    assert "pregnancy" not in file + browsers["NS"].get("/enrolment/", base_url=ORIGIN).text
    assert browsers["NS"].get("/enrolment/?page=2", base_url=ORIGIN).status_code == 404
