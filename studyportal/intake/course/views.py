"""The own course: every entry with its answers, receipts, a check, and a download of everything."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.intake.course.alerting import help_with
from studyportal.intake.course.asked import LATELY, LOOKS, Asked, asked_of, own_states, was_late
from studyportal.intake.course.checking import is_genuine, is_there_unaltered, read_receipt
from studyportal.intake.course.comparing import FEWEST_DAYS, FEWEST_WEEKS, compared, compared_titles
from studyportal.intake.course.download import everything
from studyportal.intake.course.following import waiting
from studyportal.intake.course.opening import OwnEntry, instrument_of, own_entries, own_entry, own_key
from studyportal.intake.course.picture import own_course
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import receipt_of
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.intake.withdrawal.left import asked_until
from studyportal.protocol import local_date
from studyportal.protocol.correcting import superseded
from studyportal.registry.alerts import seen_at
from studyportal.registry.consents import consent_records, withdrawals_of
from studyportal.registry.entries import kept_entry
from studyportal.registry.pauses import pauses_of
from studyportal.saying import said
from studyportal.sealing.opening import Opener
from studyportal.web.here import here
from studyportal.web.pictures import drawn_response
from studyportal.web.plain_csv import written
from studyportal.web.telling import told
from studyportal.web.translating import in_words
from studyportal.web.words import country

course = Blueprint("course", __name__)

# Where an entry comes from -> what is said beside it; nothing of what somebody wrote themselves.
WRITTEN: Mapping[str, str] = {
    "participant": "",
    "synthetic": "",
    "imported": said("Taken over from an earlier collection."),
    "phone": said("Written by the clinic, by phone: %(who)s wrote down what you said."),
    "clinician": said("Written by the clinic: %(who)s."),
}

# The columns of the table to download.
HEADS = (
    said("day"),
    said("received"),
    said("form"),
    said("written by"),
    said("question"),
    said("answer"),
    said("entry"),
)


def _key() -> Opener:
    return own_key(caller(), session_token(request), study=here().protocol.study.code)


def _shown(own: OwnEntry) -> dict[str, object]:
    """One entry in words."""
    protocol, found = here().protocol, caller().enrolled
    instrument = instrument_of(own.entry, protocol) if own.entry else None
    return {
        "id": own.id,
        "title": instrument.title if instrument else said("An entry"),
        "received_at": own.received_at,
        "is_late": was_late(own, protocol, start=found.started_on),
        "opened": own.entry is not None,
        "diary_date": date.fromisoformat(own.entry.diary_date) if own.entry else None,
        "answers": told(own.entry, instrument) if own.entry else (),
        "amends": own.entry.amends if own.entry else None,
        "reason": own.entry.reason if own.entry else None,
        "written": WRITTEN[own.entry.source] % {"who": own.entry.written_by} if own.entry else "",
    }


@course.get("/course")
def own() -> str:
    """Entries by day, the latest first, a month at a time."""
    entries = own_entries(caller(), _key(), protocol=here().protocol)
    shown = [_shown(one) for one in reversed(entries)]
    months = _months(shown)
    month = request.args.get("month")
    month = month if month in months else next(iter(months), None)
    picked = [one for one in shown if _month(one) == month]
    drawn = own_course(entries, here().protocol, zone=caller().enrolled.zone)
    days = [(day, list(of_day)) for day, of_day in groupby(picked, key=lambda one: one["diary_date"])]
    return render_template(
        "intake/course.html",
        days=days,
        months=months,
        month=month,
        total=len(shown),
        gone={UUID(id) for id in superseded(one.came for one in entries)},
        zone=caller().enrolled.zone,
        course=drawn,
        comparisons=[(title, compared(drawn, title)) for title in compared_titles(here().protocol)] if drawn else [],
        fewest=(FEWEST_DAYS, FEWEST_WEEKS),
        asked=_asked(entries),
        marks=LOOKS,
        lately=LATELY,
    )


def _asked(entries: Sequence[OwnEntry]) -> Sequence[Asked]:
    """What became of what was asked of this person; nothing after they left."""
    found, protocol = caller().enrolled, here().protocol
    if found.started_on is None:
        return []
    with reading("registry", enrolment=found.enrolment) as connection:
        until = asked_until(connection, found, protocol.consent.required, now=clock.now())
        pauses = pauses_of(connection, found.enrolment)
    about = {"start": found.started_on, "zone": found.zone}
    states = own_states(entries, protocol, **about, now=until, pauses=pauses)  # type: ignore[arg-type]
    return asked_of(states, start=found.started_on, today=local_date(until, found.zone))


@course.get("/course/picture.svg")
def picture() -> Response:
    """The course as a picture, opened anew: nothing is kept between the page and this."""
    entries = own_entries(caller(), _key(), protocol=here().protocol)
    found = own_course(entries, here().protocol, zone=caller().enrolled.zone)
    if found is None:
        raise NotFound("There is nothing to draw yet.")
    return drawn_response(found.chart())


def _month(one: dict[str, object]) -> str:
    return f"{one['diary_date']:%Y-%m}" if one["diary_date"] else "unopened"


def _months(shown: Sequence[dict[str, object]]) -> dict[str, date | None]:
    return {_month(one): one["diary_date"] for one in shown}  # type: ignore[misc]


@course.get("/entries/<uuid:id>")
def entry(id: UUID) -> str:
    """One entry, its receipt, and whether it is unaltered."""
    protocol, zone, now = here().protocol, caller().enrolled.zone, clock.now()
    study = protocol.study.code
    key = _key()
    own = own_entry(caller(), key, id, protocol=protocol)
    came = [one.came for one in own_entries(caller(), key, protocol=protocol)]
    corrected_by = max((one for one in came if one.amends == str(id)), key=lambda one: one.received_at, default=None)
    instrument = instrument_of(own.entry, protocol) if own.entry else None
    told = help_with(own.entry, protocol, zone=zone, now=now) if own.entry else None
    raised, seen = _seen(id) if told else (False, None)
    return render_template(
        "intake/entry.html",
        entry=_shown(own),
        corrected_by=corrected_by and corrected_by.id,
        may_correct=corrected_by is None
        and instrument is not None
        and instrument.in_diary
        and own.entry.source == "participant"  # type: ignore[union-attr]
        and not caller().enrolled.has_stopped,
        help=told,
        raised=raised,
        seen=seen,
        country=country(told.country) if told else "",
        receipt=None if own.by_staff else receipt_of(own.row, id, study),
        commitment=own.row.commitment,
        unaltered=is_there_unaltered(own, study=study, public=receipt_signer().public),
        zone=zone,
    )


def _seen(entry: UUID) -> tuple[bool, datetime | None]:
    """Whether the clinic has an alert about an entry, and when somebody there took it on. Asked only about entries
    whose writer was told: an alert without words for them stays the clinic's."""
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        return seen_at(connection, found.enrolment, entry)


@course.get("/follow/<name>")
def follow(name: str) -> str | Response:
    """What an entry may follow; straight to the form if there is just one such thing now."""
    found, protocol, now = caller(), here().protocol, clock.now()
    instrument = protocol.instruments.get(name)
    if instrument is None or not instrument.in_diary or not instrument.schedule.after:
        raise NotFound("There is no such page in the diary.")
    if found.enrolled.started_on is None:
        return redirect(url_for("consent.own"), 303)
    windows = waiting(
        instrument,
        own_entries(found, _key(), protocol=protocol),
        protocol=protocol,
        start=found.enrolled.started_on,
        zone=found.enrolled.zone,
        now=now,
    )
    opened = [window for window in windows if window.is_open(now)]
    if len(opened) == 1:
        return redirect(url_for("diary.ask", name=name, follows=opened[0].event.id), 303)
    return render_template(
        "intake/follow.html",
        instrument=instrument,
        event=protocol.instruments[instrument.schedule.after],
        opened=opened,
        following=[window for window in windows if window not in opened],
        zone=found.enrolled.zone,
        now=now,
    )


@course.get("/entries/<uuid:id>/receipt")
def receipt(id: UUID) -> Response:
    """The receipt as a file to keep."""
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        row = kept_entry(connection, id, found.enrolment)
    if row is None:
        raise NotFound("There is no such entry.")
    if row.receipt is None:
        raise NotFound("Your clinic wrote this entry, so it has no receipt.")
    return _file(receipt_of(row, id, here().protocol.study.code).to_json(), "receipt.json")


@course.route("/check", methods=["GET", "POST"])
def check() -> Response:
    """Compare a receipt that was kept with what is here."""
    key = _key()
    if request.method == "GET":
        return _checked()
    sent = request.files.get("receipt")
    try:
        return _checked(outcome=_check(sent.read(10_000) if sent else b"", key))
    except Invalid as refusal:
        return _checked(problem=refusal.problems["receipt"])


def _checked(*, problem: str | None = None, outcome: str | None = None) -> Response:
    public = b64encode(receipt_signer().public).decode()
    page = render_template("intake/check.html", problem=problem, outcome=outcome, receipt_key=public)
    return make_response(page, 422 if problem else 200)


def _check(data: bytes, key: Opener) -> str:
    """How the comparison ended: a row of the page's table of outcomes."""
    kept, found = read_receipt(data), caller()
    study, public = here().protocol.study.code, receipt_signer().public
    if kept.study != study or kept.enrolment != found.enrolment or not is_genuine(kept, public=public):
        return "not_ours"
    try:
        own = own_entry(found, key, kept.entry, protocol=here().protocol)
    except NotFound:
        return "missing"
    same = own.row.commitment == kept.commitment and is_there_unaltered(own, study=study, public=public)
    return "unaltered" if same else "altered"


@course.get("/download")
def download() -> Response:
    """Everything that is known of this person here, as one JSON file."""
    found, protocol = caller(), here().protocol
    entries = own_entries(found, _key(), protocol=protocol)
    with reading("registry", enrolment=found.enrolment) as connection:
        consents = consent_records(connection, found.enrolment)
        withdrawals, pauses = withdrawals_of(connection, found.enrolment), pauses_of(connection, found.enrolment)
    document = everything(
        found,
        entries,
        consents,
        withdrawals,
        pauses,
        protocol=protocol,
        receipt_public=receipt_signer().public,
        now=clock.now(),
    )
    return _file(msgspec.json.format(msgspec.json.encode(document), indent=2), "my-diary.json")


@course.get("/download/answers.csv")
def table() -> Response:
    """Every answer in words, a line each, for a table or for the next doctor; the JSON file has what machines need."""
    found, protocol = caller(), here().protocol
    entries = own_entries(found, _key(), protocol=protocol)
    return _file(written(_lines(entries, found.enrolled.zone)), "my-diary.csv", "text/csv; charset=utf-8")


def _lines(entries: Sequence[OwnEntry], zone: str) -> Iterator[Sequence[str]]:
    yield [in_words(one) for one in HEADS]
    for own in entries:
        shown = _shown(own)
        received = f"{own.received_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        about = str(shown["diary_date"] or ""), received, str(in_words(shown["title"])), str(in_words(shown["written"]))
        answers = shown["answers"] if shown["opened"] else [(said("This entry does not open."), "")]
        for question, answer in answers:  # type: ignore[attr-defined]
            yield *about, in_words(question), in_words(answer), str(own.id)


def _file(body: bytes, name: str, content_type: str = "application/json") -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
