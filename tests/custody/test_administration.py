"""The administrator's pages: accounts and sites come and go there, one person has one role, and no data is seen."""

import re
from uuid import uuid4

import pytest

from studyportal.audit import ACTIONS
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clock import now
from studyportal.custody.staff.homes import CONSEQUENCES, DUTIES, HOMES
from studyportal.custody.staff.people import colleagues
from studyportal.database import BINDS, reading
from studyportal.portal.inside import inside
from studyportal.web.navigation import FIRST
from studyportal.web.sign_in import totp
from studyportal.web.sign_in.tables import STAFF_ROLES
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import Browser, House, readable

WORDS = "marble-cactus-violin-harbor"
HEBREW = "שלום בן-דוד"
UNFIT = ["x" * 10_000, "a\u202eb", "two\nlines\x00", "😀", "1", "", "...", "é" * 40 + "e\u0301" * 41]
STRANGE = ["<img src=x onerror=alert(1)>", '=HYPERLINK("x")', HEBREW, "Łucja 🦔 Żółw", "x" * 80, "e\u0301" * 80]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("administration") / "instance")
    house.run("site", "add", "NS", "Northside")
    house.first_staff = house.run("staff", "list")
    house.account("Ada Admin", "administrator")
    yield house
    house.close()


@pytest.fixture(scope="module")
def ada(house) -> Browser:
    """The administrator's browser."""
    return house.signed_in("custody", "Ada Admin", house.passphrases["Ada Admin"])


def people(house: House) -> dict:
    with inside("custody", house.folder):
        return {one.name: one for one in colleagues(now=now())}


def invited(browser: Browser, name: str, role: str, site: str = "", *, status: int = 200) -> str:
    """What the page shows after inviting somebody: the address, or the page."""
    browser.get("/staff/new")
    browser.post("/staff/new", status=status, name=name, role=role, site=site)
    found = re.search(r'id="address">([^<]+)<', browser.page)
    return found[1] if found else readable(browser.page)


def follow(house: House, room: str, token: str, *, status: int = 303) -> Browser:
    """Take an invitation to the page of the second factor."""
    browser = house.browser(room)
    browser.get("/welcome")
    browser.post("/welcome", status=status, invitation=token, passphrase=WORDS, again=WORDS)
    return browser


def told(house: House, action: str) -> int:
    with inside("custody", house.folder):
        found = 0
        for bind in BINDS:
            events = AUDIT_EVENTS[bind]
            with reading(bind) as connection:
                found += sum(row.action == action for row in connection.execute(events.select()))
        return found


def test_every_role_has_a_room_a_duty_and_a_consequence():
    assert set(HOMES) == set(DUTIES) == set(CONSEQUENCES) == set(STAFF_ROLES)


def test_nobody_is_there_who_was_not_invited(house):
    assert house.first_staff == ""


def test_an_administrator_begins_at_the_staff_and_is_led_nowhere_else(house, ada):
    ada.follow(ada.get("/", status=303))

    links = re.findall(r'<li><a href="([^"]+)"', ada.page.partition("</nav>")[0])
    assert links == ["/staff/", "/sites/"]
    assert FIRST["custody"]["administrator"] == "staff.show"


@pytest.mark.parametrize(
    "path", ["/requests/", "/approvals/", "/snapshots/", "/withdrawals/", "/codes/", "/counts/", "/trail/"]
)
def test_an_administrator_opens_no_page_with_data(ada, path):
    ada.get(path, status=403)


def test_no_page_of_theirs_names_a_participant(house, ada):
    participant = join(house)
    write(participant, "baseline", BASELINE)

    seen = "".join(ada.get(path).text for path in ("/staff/", "/sites/", "/sites/NS", "/staff/new"))

    assert participant.code not in seen
    assert "fibromyalgia" not in seen


@pytest.mark.parametrize(
    ("role", "site", "port"),
    [("clinician", "NS", 8001), ("coordinator", "NS", 8001), ("researcher", "", 8003), ("auditor", "", 8002),
     ("custodian", "", 8002), ("administrator", "", 8002)],
)  # fmt: skip
def test_somebody_invited_here_begins_in_their_own_room(house, ada, role, site, port):
    address = invited(ada, f"New {role}", role, site)

    origin, _, token = address.partition("/welcome#")
    assert origin == f"http://localhost:{port}"
    follow(house, HOMES[role].room, token)
    assert people(house)[f"New {role}"].invited_until and token not in ada.get("/staff/").text


@pytest.mark.parametrize(("role", "site"), [("custodian", ""), ("clinician", "NS")])
def test_nobody_gets_a_second_role(house, ada, role, site):
    house.account("Rosa Twice", "researcher") if "Rosa Twice" not in people(house) else None

    for name in ("Ada Admin", "ADMIN,  ada", "rosa twice"):
        said = invited(ada, name, role, site, status=422)

        assert "has an account already" in said and "One person has one account and one role" in said


@pytest.mark.parametrize("name", UNFIT, ids=range(len(UNFIT)))
def test_an_unfit_name_is_told_at_its_field(ada, name):
    invited(ada, name, "auditor", status=422)

    assert 'id="name-error"' in ada.page


@pytest.mark.parametrize("name", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_name_is_shown_as_it_is_and_ended_by_typing_it(house, ada, name):
    before = people(house).keys()
    invited(ada, name, "auditor")
    (kept,) = people(house).keys() - before
    path = f"/staff/{people(house)[kept].id}/end"

    ada.get(path)
    ada.post(path, status=422, word="somebody else")
    ada.post(path, word=name)

    assert "<img src=x" not in ada.get("/staff/").text
    assert people(house)[kept].ended_on


@pytest.mark.parametrize(
    ("role", "site", "field"),
    [("superuser", "", "role"), ("", "", "role"), ("clinician", "", "site"), ("clinician", "XX", "site"),
     ("custodian", "NS", "site"), ("researcher", "NS", "site"), ("participant", "", "role")],
)  # fmt: skip
def test_a_role_that_does_not_exist_and_a_site_that_does_not_fit_are_told_at_their_fields(ada, role, site, field):
    invited(ada, "Unfit Person", role, site, status=422)

    assert f'id="{field}-error"' in ada.page


def test_an_invitation_is_renewed_and_taken_back(house, ada):
    first = invited(ada, "Iva Late", "researcher").partition("#")[2]
    id = people(house)["Iva Late"].id
    ada.get(f"/staff/{id}/invite")
    ada.post(f"/staff/{id}/invite", status=200)
    second = re.search(r'id="address">[^<]+#([^<]+)<', ada.page)[1]

    follow(house, "research", first, status=422)
    follow(house, "research", second)
    ada.get(f"/staff/{id}")
    ada.post(f"/staff/{id}/take-back")
    ada.get(f"/staff/{id}")
    ada.post(f"/staff/{id}/take-back", status=409)

    assert "no invitation holds" in ada.get(f"/staff/{id}").text
    assert people(house)["Iva Late"].invited_until is None and told(house, "account:uninvite") == 1


def test_an_invitation_that_is_taken_back_between_its_two_pages_begins_nothing(house, ada):
    token = invited(ada, "Olga Outside", "researcher").partition("#")[2]
    browser = follow(house, "research", token)
    browser.get("/welcome/factor")
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.page)[1].replace(" ", "")
    id = people(house)["Olga Outside"].id

    ada.get(f"/staff/{id}")
    ada.post(f"/staff/{id}/take-back")
    answer = browser.post("/welcome/factor", code=totp.code_of(key, totp.step_at(now())))

    assert answer.headers["Location"].endswith("/sign-in") and not people(house)["Olga Outside"].begun


def test_custodians_are_told_who_was_invited_lately(house, ada):
    invited(ada, "Newa <b>Known</b>", "coordinator", "NS")

    page = readable(house.staff("custody", "Kim Custodian", "custodian").get("/").text)

    assert "Newa <b>Known</b> , coordinator at NS" in page


def test_open_pages_of_somebody_stop_when_their_account_ends_or_they_are_signed_out(house, ada):
    nurse = house.staff("clinic", "Nurse Ona", "clinician", "--site", "NS")
    one = people(house)["Nurse Ona"]
    ada.get(f"/staff/{one.id}")
    ada.post(f"/staff/{one.id}/sessions")
    nurse.get("/alerts/", status=303)
    nurse = house.signed_in("clinic", "Nurse Ona", house.passphrases["Nurse Ona"])
    nurse.get("/alerts/")

    ada.get(f"/staff/{one.id}/end")
    ada.post(f"/staff/{one.id}/end", word="nurse ONA")

    nurse.get("/alerts/", status=303)
    nurse.get("/sign-in")
    nurse.post("/sign-in", status=401, name="Nurse Ona", passphrase=house.passphrases["Nurse Ona"])
    ada.get(f"/staff/{one.id}/end", status=410)
    ada.get(f"/staff/{one.id}/invite", status=410)
    assert told(house, "account:sign_out") == 1 and "Ended on" in ada.get(f"/staff/{one.id}").text


def test_nobody_ends_invites_or_signs_out_themselves(house, ada):
    me = people(house)["Ada Admin"].id
    ada.get(f"/staff/{me}/end")

    assert "<form" not in ada.page.partition("<main")[2]
    ada.get(f"/staff/{me}")
    for act, fields in (("end", {"word": "Ada Admin"}), ("invite", {}), ("sessions", {}), ("take-back", {})):
        ada.get("/staff/new")
        ada.post(f"/staff/{me}/{act}", status=403, **fields)
    assert people(house)["Ada Admin"].ended_on is None


def test_an_administrator_who_was_ended_does_nothing_more(house, ada):
    bea = house.staff("custody", "Bea Admin", "administrator")
    bea.get("/staff/new")
    one = people(house)["Bea Admin"]
    ada.get(f"/staff/{one.id}/end")
    ada.post(f"/staff/{one.id}/end", word="Bea Admin")

    bea.post("/staff/new", name="Her Friend", role="custodian", site="", status=401)

    assert "Her Friend" not in people(house)


def test_an_account_that_is_not_there_is_not_there(ada):
    for act in ("", "/end", "/invite"):
        ada.get(f"/staff/{uuid4()}{act}", status=404)


def test_a_site_is_made_named_and_mailed(house, ada):
    ada.get("/sites/new")
    ada.post("/sites/new", name="=South <b>Side</b> שלום", code="SS")
    ada.get("/sites/SS")
    ada.post("/sites/SS", name="South Side", address="care@clinic.example", after="30")
    page = readable(ada.get("/sites/").text)
    ada.get("/sites/SS")
    ada.post("/sites/SS", name="South Side", address="", after="")

    assert "South Side SS" in page and "care@clinic.example after 30 minutes" in page
    assert "care@" not in ada.get("/sites/").text
    assert [told(house, f"site:{act}") for act in ("create", "rename", "mail")] == [2, 1, 2]
    assert {"site:rename", "account:sign_out", "account:uninvite"} <= ACTIONS.keys()


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"address": "care@clinic.example", "after": ""}, "address"), ({"address": "", "after": "30"}, "address"),
     ({"address": "a@b.example, c@d.example", "after": "30"}, "address"), ({"address": "a@b\r\nBcc: c@d", "after": "30"}, "address"),
     ({"address": "a@b.example", "after": "4"}, "after"), ({"address": "a@b.example", "after": "soon"}, "after"),
     ({"name": "x" * 10_000}, "name"), ({"name": "  "}, "name"), ({"name": "a\u202eb"}, "name")],
)  # fmt: skip
def test_an_unfit_change_of_a_site_changes_nothing(ada, fields, field):
    ada.get("/sites/NS")
    ada.post("/sites/NS", status=422, **({"name": "Other", "address": "", "after": ""} | fields))

    assert f'id="{field}-error"' in ada.page and "Northside" in ada.get("/sites/").text


@pytest.mark.parametrize("code", ["NS", "ns", "N", "NORTH", "Ñ1", "N1"])
def test_an_unfit_or_taken_id_of_a_site_is_told_at_its_field(ada, code):
    ada.get("/sites/new")
    ada.post("/sites/new", status=422, name="Another", code=code)

    assert 'id="code-error"' in ada.page


def test_a_site_that_is_not_there_is_not_there(ada):
    ada.get("/sites/XX", status=404)


@pytest.mark.parametrize("role", ["custodian", "auditor"])
def test_whoever_sees_data_or_the_trail_makes_no_accounts(house, role):
    somebody = house.staff("custody", f"{role} alone", role)

    for path in ("/staff/", "/staff/new", "/sites/", "/sites/new"):
        somebody.get(path, status=403)
