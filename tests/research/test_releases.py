"""What leaves: only what was chosen, of people who are many, checked twice, signed, and readable without us."""

import csv
import dataclasses
import io
import json
import re
import secrets
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import uuid4

import numpy as np
import pyarrow.compute as pc
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from studyportal.custody.publishing.following import Followed, weeks_over_table
from studyportal.errors import CannotOpen, Invalid, Unavailable, Unsafe
from studyportal.research.cohorts.criteria import read_criteria
from studyportal.research.plain_csv import begins_formula, plain, written
from studyportal.research.releases.anonymity import check_anonymity, smallest_class
from studyportal.research.releases.fields import chosen, offered
from studyportal.research.releases.making import Wanted, make
from studyportal.research.releases.package import packed
from studyportal.research.releases.recheck import check_written
from studyportal.research.releases.verification import verify_release
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.sealing.signatures import public_of, sign
from tests.research.conftest import Custody, Researcher
from tests.research.study import NOW, alone, hand_made

SNAPSHOT = OpenedSnapshot(hand_made(900), alone)
CUSTODY, EXPORT = secrets.token_bytes(32), secrets.token_bytes(32)
CERTIFICATE = sign("studyportal export key", public_of(EXPORT), key=CUSTODY)
CODES = {place: f"S{Random(place).getrandbits(80):020X}" for place in SNAPSHOT.index.tolist()}
CHOICE = ["baseline__age", "baseline__smokes", "baseline__since", "baseline__worst", "baseline__weight", "evening__pain", "dose__entries"]  # fmt: skip


def package(
    names: list[str] = CHOICE,
    terms: tuple[tuple[str, str], ...] = (),
    *,
    snapshot: OpenedSnapshot = SNAPSHOT,
    codes: Mapping[int, str] = CODES,
    seed: int = 5,
) -> bytes:
    wanted = Wanted(
        release=uuid4(), project="P-1", snapshot=snapshot, snapshot_manifest="0" * 64,
        criteria=read_criteria(terms, snapshot), names=names,
    )  # fmt: skip
    return make(wanted, codes=codes, export_key=EXPORT, certificate=CERTIFICATE, rng=Random(seed), now=NOW)


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[bytes], Path]:
    def keep(data: bytes) -> Path:
        path = tmp_path / "release.zip"
        path.write_bytes(data)
        return path

    return keep


def test_a_release_holds_its_tables_its_explanation_and_its_proof() -> None:
    found = files(package())

    assert set(found) == {
        "subjects.csv", "weekly.csv", "codebook.csv", "codebook.html", "datapackage.json", "README.md",
        "manifest.json", "SHA256SUMS", "signature.json",
    }  # fmt: skip
    assert list(rows(found["subjects.csv"])[0]) == [
        "subject_code",
        *CHOICE[:1],
        "baseline__since",
        "baseline__worst",
        "baseline__weight",
        "baseline__smokes",
    ]
    assert list(rows(found["weekly.csv"])[0]) == ["subject_code", "week", "evening__pain", "dose__entries"]


def test_how_long_somebody_was_followed_or_paused_changes_no_byte_of_a_release() -> None:
    said = {place: Followed(8, 4 * (place % 3), (2, 3)[: place % 3]) for place in SNAPSHOT.index.tolist()}
    saying = OpenedSnapshot(replace(hand_made(900), weeks_over=weeks_over_table(said)), alone)

    told, plain = files(package(snapshot=saying)), files(package())

    same = ("subjects.csv", "weekly.csv", "codebook.csv", "codebook.html")
    assert [told[name] for name in same] == [plain[name] for name in same]
    assert not any(word in data for data in told.values() for word in (b"weeks_over", b"since_start", b"paused_weeks"))


def test_the_released_answers_are_those_of_the_snapshot() -> None:
    published = hand_made(900).subjects
    by_code = {row["subject_code"]: row for row in rows(files(package())["subjects.csv"])}

    for place, age, smokes, worst in zip(
        published["index"].to_pylist(), published["baseline__age"].to_pylist(),
        published["baseline__smokes"].to_pylist(), published["baseline__worst"].to_pylist(), strict=True,
    ):  # fmt: skip
        row = by_code[CODES[place]]
        assert row["baseline__age"] == (age or "")
        assert row["baseline__smokes"] == {True: "yes", False: "no", None: ""}[smokes]
        assert row["baseline__worst"] == ("" if worst is None else str(worst))


NEW = [
    "tired",
    "slept",
    "slept__missing",
    "sites__back",
    "sites__r_knee",
    "knee",
    "codes",
    "mood",
    "burden",
    "medicines",
]


def test_every_new_kind_leaves_in_its_released_form_and_is_explained() -> None:
    names = [f"baseline__{name}" for name in NEW]
    published = hand_made(900).subjects

    found = files(package(names))

    subjects = rows(found["subjects.csv"])
    assert list(subjects[0]) == ["subject_code", *names]
    by_code = {row["subject_code"]: row for row in subjects}
    for place, back, codes in zip(
        published["index"].to_pylist(), published["baseline__sites__back"].to_pylist(),
        published["baseline__codes"].to_pylist(), strict=True,
    ):  # fmt: skip
        assert by_code[CODES[place]]["baseline__sites__back"] == ("yes" if back else "no")
        assert by_code[CODES[place]]["baseline__codes"] == (codes or "")
    notes = {row["column"]: row["notes"] for row in rows(found["codebook.csv"])}
    assert "Kroenke" in notes["baseline__mood"] and "from 3 screens positive" in notes["baseline__mood"]
    assert notes["baseline__knee"] == "Asked if “Where does it hurt?” includes “Right knee”."
    assert notes["baseline__burden"] == "Worked out as (“Worst pain last week” × 10) + “How tired are you?”."
    assert "interest" not in found["codebook.csv"].decode().lower()


def test_weeks_are_in_four_bands_and_everybody_has_the_same_weeks() -> None:
    found = rows(files(package())["weekly.csv"])

    weeks = Counter(row["subject_code"] for row in found)

    assert set(weeks.values()) == {6}
    assert {row["evening__pain"] for row in found} <= {"", "1", "2", "3", "4"}
    assert {row["dose__entries"] for row in found} == {"1", "2", "3", "4"}
    weekly = SNAPSHOT.weekly("evening", "pain")
    pain = {(row["subject_code"], row["week"]): row["evening__pain"] for row in found}
    for place, week, mean in zip(weekly.index, weekly.week, weekly.mean, strict=True):
        assert pain[CODES[int(place)], str(week)] == str(min(4, int(mean / 2.5) + 1))


def test_no_day_date_time_index_key_or_text_leaves() -> None:
    found = files(package())
    tables = found["subjects.csv"] + found["weekly.csv"]
    whole = b"".join(found.values())

    assert not re.search(rb"\d{4}-\d\d-\d\d|\d\d:\d\d", tables)
    for key in SNAPSHOT.subjects["record_key_1"].to_pylist() + SNAPSHOT.subjects["record_key_2"].to_pylist():
        assert str(key).encode() not in whole
    assert b"study_day" not in whole
    assert b"Your name" not in whole


def test_rows_lie_in_another_order_every_time_and_not_in_that_of_the_snapshot() -> None:
    one, two = ([row["subject_code"] for row in rows(files(package(seed=seed))["subjects.csv"])] for seed in (1, 2))

    assert sorted(one) == sorted(two) == sorted(CODES.values())
    assert one != two
    assert one != [*CODES.values()]


def test_the_package_tells_nothing_of_when_and_where_it_was_written() -> None:
    with zipfile.ZipFile(io.BytesIO(package())) as archive:
        entries = archive.infolist()

    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.extra, entry.comment) for entry in entries} == {(3, b"", b"")}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_the_data_package_describes_the_files_as_they_are() -> None:
    found = files(package())
    described = json.loads(found["datapackage.json"])

    for resource in described["resources"]:
        data = found[resource["path"]]
        assert resource["bytes"] == len(data)
        assert resource["hash"].startswith("sha256:")
        assert [field["name"] for field in resource["schema"]["fields"]] == list(rows(data)[0])
        for field in resource["schema"]["fields"]:
            if "categories" in field:
                allowed = {str(one["value"]) for one in field["categories"]} | {""}
                assert {row[field["name"]] for row in rows(data)} <= allowed


def test_a_group_that_is_too_small_is_refused_with_the_items_to_leave_out() -> None:
    with pytest.raises(Invalid) as refusal:
        package(["baseline__sex", "baseline__age", "baseline__diagnosis"])

    assert "“Sex”" in refusal.value.sentence
    assert "Leave out" in refusal.value.sentence
    assert not re.search(r"\b(?!11\b)\d+", refusal.value.sentence)


def test_the_released_groups_are_counted_over_people() -> None:
    found = rows(files(package(["baseline__age", "evening__pain"]))["subjects.csv"])

    groups = Counter(row["baseline__age"] for row in found)

    assert min(groups.values()) >= 11
    assert sum(groups.values()) == 900


def test_a_cohort_under_the_threshold_is_not_released() -> None:
    silent = ("baseline.diagnosis", "baseline.worst", "baseline.smokes")

    with pytest.raises(Invalid, match="too small"):
        package(["baseline__smokes"], terms=tuple((name, "not answered") for name in silent))


def test_too_many_quasi_identifiers_unknown_items_and_none_are_refused() -> None:
    known = offered(SNAPSHOT.codebook)
    five = {name: field for name, field in known.items() if not field.quasi_identifier}
    many = {name: dataclasses.replace(field, quasi_identifier=True) for name, field in [*five.items()][:5]}

    assert len(chosen(many, many, people=1000)) == 5
    for names, people in ((many, 995), ([], 2000), (["baseline__name"], 2000), (["index"], 2000)):
        with pytest.raises(Invalid):
            chosen(names, many if names is many else known, people=people)


def test_only_people_in_scope_leave() -> None:
    published = hand_made(900)
    shares = [place % 2 == 0 for place in published.subjects["index"].to_pylist()]
    at = published.subjects.column_names.index("shares_sharing")
    subjects = published.subjects.set_column(at, "shares_sharing", [shares])
    snapshot = OpenedSnapshot(type(published)(subjects, published.tables), alone)

    found = rows(files(package(["baseline__smokes"], snapshot=snapshot))["subjects.csv"])

    assert {row["subject_code"] for row in found} == {CODES[p] for p in snapshot.index.tolist() if p % 2 == 0}


def test_a_person_without_a_subject_code_stops_the_release() -> None:
    some = {place: code for place, code in CODES.items() if place > 5}

    with pytest.raises(Unavailable, match="data custodian"):
        package(["baseline__smokes"], codes=some)


# ── The second look ───────────────────────────────────────────────────────


def again(change: Callable[[dict[str, bytes]], None]) -> None:
    """Check a package whose files were changed after it was written."""
    found = files(package())
    change(found)
    inner = {name: data for name, data in found.items() if name not in ("SHA256SUMS", "signature.json")}
    fields = chosen(CHOICE, offered(SNAPSHOT.codebook), people=900)
    check_written(
        packed(inner, export_key=EXPORT, certificate=CERTIFICATE),
        fields,
        codes=set(CODES.values()),
        k=11,
        forbidden={"4611686018427387904"},
    )


def test_an_unchanged_package_passes_the_second_look() -> None:
    again(lambda found: None)


def _put(name: str, old: bytes, new: bytes, count: int = 1) -> Callable[[dict[str, bytes]], None]:
    def change(found: dict[str, bytes]) -> None:
        assert old in found[name]
        found[name] = found[name].replace(old, new, count)

    return change


@pytest.mark.parametrize(
    "change",
    [
        _put("subjects.csv", b"subject_code", b"index"),
        _put("subjects.csv", b"18-29", b"18-31"),
        _put("subjects.csv", b",yes\r\n", b",2024-03-05\r\n"),
        _put("subjects.csv", b",yes\r\n", b",a@b.org\r\n"),
        _put("subjects.csv", b",yes\r\n", b",4611686018427387904\r\n"),
        _put("subjects.csv", b",yes\r\n", b",yes,extra\r\n"),
        _put("subjects.csv", b"subject_code", b"\xef\xbb\xbfsubject_code"),
        _put("weekly.csv", b"\r\nS", b"\r\nT"),
        _put("weekly.csv", b",week,", b",study_day,"),
        lambda found: found.update({"notes.csv": b"x"}),
        lambda found: found.pop("codebook.csv") and None,
        lambda found: found.update(
            {"subjects.csv": b"\r\n".join(found["subjects.csv"].split(b"\r\n")[:300]) + b"\r\n"}
        ),
        lambda found: found.update({"subjects.csv": b"\r\n".join(found["subjects.csv"].split(b"\r\n")[:12]) + b"\r\n"}),
        lambda found: found.update({"weekly.csv": b"\r\n".join(found["weekly.csv"].split(b"\r\n")[:-2]) + b"\r\n"}),
    ],
)
def test_the_second_look_stops_what_may_not_leave(change: Callable[[dict[str, bytes]], None]) -> None:
    with pytest.raises(Unsafe, match="was not offered"):
        again(change)


# ── Proof ─────────────────────────────────────────────────────────────────


def test_a_release_is_verified_with_custodys_public_key_alone(kept: Callable[[bytes], Path]) -> None:
    found = verify_release(kept(package()), public_of(CUSTODY))

    assert (found.study, found.project, found.snapshot) == ("RT-1", "P-1", 3)
    assert set(found.files) >= {"subjects.csv", "weekly.csv", "manifest.json"}


def test_another_custody_does_not_vouch_for_it(kept: Callable[[bytes], Path]) -> None:
    with pytest.raises(CannotOpen, match="certificate"):
        verify_release(kept(package()), public_of(secrets.token_bytes(32)))


def _repacked(change: Callable[[dict[str, bytes]], None]) -> bytes:
    found = files(package())
    change(found)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return sink.getvalue()


def _signed_by_another(found: dict[str, bytes]) -> None:
    key = secrets.token_bytes(32)
    inner = {name: data for name, data in found.items() if name not in ("SHA256SUMS", "signature.json")}
    found.update(files(packed(inner, export_key=key, certificate=CERTIFICATE)))


@pytest.mark.parametrize(
    "change",
    [
        _put("subjects.csv", b"18-29", b"30-39"),
        _put("manifest.json", b"P-1", b"P-2"),
        _put("SHA256SUMS", b"a", b"b"),
        _put("signature.json", b'"signature": "', b'"signature": "A'),
        lambda found: found.update({"more.csv": b""}),
        lambda found: found.pop("weekly.csv") and None,
        lambda found: found.pop("signature.json") and None,
        lambda found: found.update({"signature.json": b"{}"}),
        lambda found: found.update({"signature.json": b"[1]"}),
        lambda found: found.update({"SHA256SUMS": b"\xff\xfe"}),
        _signed_by_another,
    ],
)
def test_whatever_is_altered_is_refused(
    kept: Callable[[bytes], Path], change: Callable[[dict[str, bytes]], None]
) -> None:
    with pytest.raises(CannotOpen):
        verify_release(kept(_repacked(change)), public_of(CUSTODY))


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 1000])
def test_what_is_no_package_is_refused_in_a_sentence(kept: Callable[[bytes], Path], data: bytes) -> None:
    with pytest.raises(CannotOpen, match="not a release package"):
        verify_release(kept(data), public_of(CUSTODY))


# ── The parts ─────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2), st.integers(0, 1)), max_size=80))
def test_the_smallest_class_is_that_of_a_plain_count(people: list[tuple[int, int, int]]) -> None:
    columns = [np.array([person[place] for person in people], np.int64) for place in range(3)]

    found = smallest_class(columns, len(people))

    assert found == min(Counter(people).values(), default=0)


def test_the_advice_names_the_fewest_items_and_it_helps() -> None:
    fine, rare, rarer = np.zeros(100, np.int64), np.arange(100) // 99, np.arange(100) // 95
    columns = {"Sex": fine, "Age": rare, "Town": rarer}

    with pytest.raises(Invalid) as refusal:
        check_anonymity(columns, people=100, k=11)

    assert "“Age” and “Town”" in refusal.value.sentence.split("Leave out")[1]
    check_anonymity({"Sex": fine}, people=100, k=11)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "﹢1", " =1", "＠x"])
def test_text_that_a_spreadsheet_would_run_is_disarmed_and_numbers_stay(text: str) -> None:
    raw = written([[text, -5, -2.5, None]]).decode()

    (row,) = csv.reader(io.StringIO(raw, newline=""))

    assert row == [f"'{text}", "-5", "-2.5", ""]
    assert begins_formula(text)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4), max_size=5))
def test_any_text_comes_back_whole_but_for_its_guard(table: list[list[str]]) -> None:
    raw = written(table).decode()

    back = list(csv.reader(io.StringIO(raw, newline=""), strict=True))

    assert back == [[plain(cell) for cell in row] for row in table]
    assert not any(begins_formula(cell) for row in back for cell in row)
    assert all(
        plain(cell).removeprefix("'" if begins_formula(cell.replace("\0", "")) else "") == cell.replace("\0", "")
        for row in table
        for cell in row
    )


# ── Over the page ─────────────────────────────────────────────────────────


def test_a_release_is_made_kept_downloaded_and_proved(
    researcher: Researcher, custody: Custody, kept: Callable[[bytes], Path], room: Flask
) -> None:
    made = researcher.post("/projects/P-1/releases/new?baseline.sex=f", {"item": ["baseline__age", "evening__pain"]})
    listed = researcher.get("/projects/P-1/releases").text
    link = re.search(r'href="(/projects/P-1/releases/[0-9a-f-]+/package\.zip)"', listed)
    assert link

    answer = researcher.get(link[1])

    assert made.status_code == 303
    assert answer.mimetype == "application/zip"
    found = verify_release(kept(answer.data), public_of(custody.seed))
    assert found.project == "P-1"


def test_a_refused_release_says_what_to_leave_out_and_keeps_the_choice(researcher: Researcher, tmp_path: Path) -> None:
    answer = researcher.post(
        "/projects/P-1/releases/new", {"item": ["baseline__sex", "baseline__age", "baseline__diagnosis"]}
    )

    assert answer.status_code == 422
    assert "Leave out" in answer.text
    assert len(re.findall(r'value="baseline__[a-z]+" id="[a-z_]+" checked', answer.text)) == 3
    assert not (tmp_path / "releases").exists()


def test_a_package_that_was_altered_on_disk_is_not_handed_out(researcher: Researcher, tmp_path: Path) -> None:
    researcher.post("/projects/P-1/releases/new", {"item": ["baseline__smokes"]})
    (file,) = (tmp_path / "releases").iterdir()
    file.write_bytes(file.read_bytes() + b"x")

    answer = researcher.get(f"/projects/P-1/releases/{file.stem}/package.zip")

    assert answer.status_code == 410
    assert file.stat().st_mode & 0o077 == 0


def test_a_package_with_somebody_who_withdrew_since_is_not_handed_out_again(
    researcher: Researcher, custody: Custody, tmp_path: Path
) -> None:
    researcher.post("/projects/P-1/releases/new?baseline.sex=f", {"item": ["baseline__smokes"]})
    (file,) = (tmp_path / "releases").iterdir()
    address = f"/projects/P-1/releases/{file.stem}/package.zip"
    everybody = hand_made(600).subjects
    inside = everybody.filter(pc.equal(everybody["baseline__sex"], "f"))["index"].to_pylist()
    outside = set(everybody["index"].to_pylist()) - set(inside)

    custody.withdraw(frozenset(list(outside)[:1]))
    before = researcher.get(address)
    custody.withdraw(frozenset(inside[:1]))
    after = researcher.get(address)

    assert (before.status_code, after.status_code) == (200, 410)
    assert "withdrawn since" in after.text


def test_a_project_without_subject_codes_is_told_so(
    room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]
) -> None:
    rosa = newcomer("Rosa Researcher")
    custody.publish(1)
    with room.app_context():
        custody.grant(rosa.id, "P-9")

    answer = rosa.post("/projects/P-9/releases/new", {"item": ["baseline__smokes"]})

    assert answer.status_code == 503
    assert "subject codes" in answer.text


def test_another_projects_release_is_not_found(researcher: Researcher, room: Flask, custody: Custody) -> None:
    researcher.post("/projects/P-1/releases/new", {"item": ["baseline__smokes"]})
    link = re.search(r"/projects/P-1(/releases/[0-9a-f-]+/package\.zip)", researcher.get("/projects/P-1/releases").text)
    assert link
    with room.app_context():
        custody.grant(researcher.id, "P-2")

    answer = researcher.get(f"/projects/P-2{link[1]}")

    assert answer.status_code == 404
