"""One diary entry goes from a participant's browser through every wall to a researcher's export, and one person leaves.

On SQLite and on a real PostgreSQL, where every room works under its own role.
"""

import csv
import io
import json
import re
import zipfile
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from studyportal import outbox
from studyportal.audit import Actor
from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.erasure.certificate import LABEL
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reminders.looking import look_for_due, working_ways
from studyportal.custody.reminders.sending import Means, send_reminder
from studyportal.database import writing
from studyportal.portal.inside import inside
from studyportal.sealing.signatures import verify
from studyportal.snapshots.reading import Snapshot, open_snapshot
from tests.journeys.canary import traces
from tests.journeys.cast import BASELINE, Participant, approve, in_pain, join, others, publish, write
from tests.journeys.copies import Copy, keys_held_by
from tests.journeys.house import House, readable
from tests.mail_server import mail_server

MARKER = "Wetterleuchten-7Q4Z-im-Knie"
ADDRESS = "wetterleuchten-7q4z@knie.example"
EVENING = {
    "pain_average": "9", "pain_worst": "10", "mood": "2", "energy": "3", "hours_slept": "4.5", "flare": "yes", "note": MARKER
}  # fmt: skip


def released_rows(package: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        inside = next(one for one in archive.namelist() if one.endswith(name))
        return list(csv.DictReader(io.TextIOWrapper(archive.open(inside), "utf-8")))


def snapshot_of(house: House) -> Snapshot:
    """The newest snapshot, opened as a research room opens it."""
    keys = load_keys(house.folder / "custody-keys.json")
    return open_snapshot(
        house.folder / "shelf",
        study=house.protocol.study.code,
        number=None,
        snapshot_key=keys.snapshot,
        custody_public=keys.public,
    )


def test_one_entry_goes_through_every_room_to_a_researchers_export(house, tmp_path):
    house.run("site", "add", "NS", "Northside")
    others(house, 44, in_pain(2))
    her = join(house)
    write(her, "baseline", BASELINE)
    entry = write(her, "evening", EVENING)

    # She reads it back through her own key, fresh and, later, out of a block.
    assert "Unaltered" in readable(her.browser.page)
    her.browser.get("/course")
    assert MARKER in her.browser.page
    researcher = house.staff("research", "Dr. Rao", "researcher")
    project = approve(researcher, house.staff("custody", "Kim", "custodian"))
    publish(house)
    her.browser.get(f"/entries/{entry}")
    assert MARKER in her.browser.page and "Unaltered" in readable(her.browser.page)

    # The clinic sees that it came, not what it says.
    clinician = house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")
    clinician.get("/participants/")
    assert her.code in clinician.page
    assert MARKER not in clinician.page

    # Custody's exact counts agree with what was sent.
    counted = house.run("custody", "reconcile", "--receipts")
    assert re.search(r"evening +pain_average +45 +45 +45 values, 45 people", counted), counted
    assert re.search(r"evening +note +1 +1 +not released", counted), counted
    # What she answered before she signed arrived as well: of the screening only the medicines are released.
    assert re.search(r"screening +risk_medicines +1 +1 +1 values, 1 people", counted), counted
    assert re.search(r"screening +suicidal_thoughts +1 +1 +not released", counted), counted
    people = snapshot_of(house).subjects.to_pylist()
    assert {name for name in people[0] if name.startswith("screening__")} == {
        f"screening__risk_medicines__{code}"
        for code in ("lithium", "mao_inhibitor", "ssri_snri", "tramadol", "missing")
    }
    assert [row["screening__risk_medicines__tramadol"] for row in people].count(True) == 1

    # The researcher sees protected numbers, and takes a release that was checked.
    researcher.get(f"/projects/{project}/cohort?baseline.diagnosis=fibromyalgia")
    assert 18 <= int(re.search(r'class="n">(\d+)<', researcher.page)[1]) <= 72  # 45, blurred by 25 at most and rounded
    researcher.get(f"/projects/{project}/releases/new")
    chosen = ["baseline__diagnosis", "baseline__age", "evening__pain_average"]
    made = researcher.post(f"/projects/{project}/releases/new", item=chosen)
    researcher.follow(made)
    link = re.search(r'href="([^"]+/package\.zip)"', researcher.page)
    assert link, readable(researcher.page)
    package = researcher.get(link[1]).data

    weekly = released_rows(package, "weekly.csv")
    assert len(released_rows(package, "subjects.csv")) == 45
    bands = [row["evening__pain_average"] for row in weekly]
    assert len(bands) == 45
    assert sorted(set(bands)) == ["1", "4"] and bands.count("4") == 1  # hers: a mean of 9, in the highest quarter
    assert MARKER.encode() not in package and her.code.encode() not in package and entry.encode() not in package
    file = tmp_path / "release.zip"
    file.write_bytes(package)
    key = b64encode(load_keys(house.folder / "custody-keys.json").public).decode()
    assert "every one as it was signed" in _verified(file, key)

    # Everything that was done is told, in chains that hold.
    assert "fault" not in house.run("audit", "verify").lower()


def _verified(file: Path, key: str) -> str:
    from click.testing import CliRunner

    from studyportal.portal.command_line import building

    return CliRunner().invoke(building, ["verify", "release", str(file), "--custody-key", key]).output


def test_a_marked_answer_stands_in_no_file_of_the_study(house, request, tmp_path):
    house.run("site", "add", "NS", "Northside")
    others(house, 12, in_pain(2))
    her = join(house)
    write(her, "baseline", BASELINE)
    write(her, "evening", EVENING)
    # A form with a mistake is drawn again with what was typed: that too must leave nothing behind.
    her.browser.get("/diary/dose")
    her.browser.post("/diary/dose", status=422, substance="other", own_words=MARKER, amount=MARKER)
    device = her.browser.send("POST", "/api/devices", {"code": her.code, "passphrase": her.passphrase}).json["token"]
    her.browser.send("POST", "/api/entries", {"instrument": "dose", "answers": {"own_words": MARKER}}, token=device)
    _be_reminded(house, her)
    publish(house)
    everywhere = [house.folder, *_server_folders(request)]

    assert traces(MARKER, everywhere) == [] and traces(ADDRESS, everywhere) == []
    assert traces(her.passphrase, everywhere) == []
    # The search is able to find: her code stands in the registry.
    assert traces(her.code, everywhere)


def _be_reminded(house: House, her: Participant) -> None:
    """She is reminded by mail at a marked address: once it is kept and shown to her, once a mail goes out."""
    now = datetime.now(UTC)
    with mail_server() as server:
        mail = MailSettings(
            host="127.0.0.1", port=server.port, sender="it@study.example", clinic="https://c.example", starttls=False
        )
        with inside("custody", house.folder):
            look_for_due(house.protocol, working_ways(mail, None), now=now)
        her.browser.get("/reminders")
        her.browser.post(
            "/reminders/wishes", begins="00:00", ends="00:00", after="0", of=["weekly", "evening", "baseline"]
        )
        her.browser.get("/reminders")
        her.browser.follow(her.browser.post("/reminders/address", address=ADDRESS))
        assert ADDRESS in her.browser.page
        then = now + timedelta(days=7)  # when her next diaries are open
        with inside("custody", house.folder) as settings:
            keys, actor = load_keys(settings.key_file), Actor("custody", "worker", "worker")
            means = Means(keys=keys, protocol=house.protocol, mail=mail, pusher=None, diary="", actor=actor)
            assert look_for_due(house.protocol, working_ways(mail, None), now=then) == 1
            with writing("registry") as connection:
                work = outbox.lease(connection, "registry", ["reminder"], now=then)
            send_reminder(UUID(work.payload["message"]), means, now=then)
            with writing("registry") as connection:
                assert outbox.finish(connection, "registry", work, now=then)
        assert [one.to for one in server.taken] == [[ADDRESS]]


def _server_folders(request) -> list[Path]:
    if "postgresql" not in request.node.name:
        return []
    server = request.getfixturevalue("postgresql")
    server.run("CHECKPOINT")
    return [server.folder]


def test_erased_means_that_nothing_opens_from_any_copy_with_any_key_the_server_holds(house):
    house.run("site", "add", "NS", "Northside")
    others(house, 12, in_pain(2))
    her = join(house)
    write(her, "baseline", BASELINE)
    publish(house)
    write(her, "evening", EVENING)  # some entries in a block, one fresh, when the copy is taken
    elsewhere = her.sign_in(house.browser("intake"))
    copy = Copy.of(house)
    opened_before = copy.opened_with(keys_held_by(house))

    her.browser.get("/leave/study/erase")
    her.browser.post("/leave/study/erase", word=_word(her.browser.page), alert="hand_over")
    house.work()

    hers = copy.entries_of(her.code)
    assert len(hers) == 3 and hers <= opened_before
    assert copy.opened_with(keys_held_by(house)) == set()
    assert Copy.of(house).opened_with(keys_held_by(house)) == opened_before - hers
    elsewhere.get("/course", status=303)
    # Her words still let her in, to see that it is done; there is nothing left to read.
    again = her.sign_in(house.browser("intake"))
    again.get("/course", status=410)
    again.get("/leave")
    assert "Your answers are erased" in readable(again.page)
    assert re.findall(r'href="(/leave/[^"]+)"', again.page) == ["/leave/certificate"]
    _is_signed_by_custody(again.get("/leave/certificate").json, house)
    assert "fault" not in house.run("audit", "verify").lower()


def _is_signed_by_custody(paper: dict[str, str], house: House) -> None:
    custody = load_keys(house.folder / "custody-keys.json").public
    verify(LABEL, paper["certificate"].encode(), b64decode(paper["signature"]), public=custody)
    assert json.loads(paper["certificate"])["destroyed"]


def _word(page: str) -> str:
    found = re.search(r"Type ([A-Z]+) to confirm", readable(page))
    assert found, readable(page)
    return found[1]
