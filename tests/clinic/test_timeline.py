"""One participant's course as a clinician reads it: opened for a purpose, whole, in the words of the study, without
advice."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.charts.daily import Mean, by_week, measures_of
from studyportal.clinic.timeline.corrections import corrections
from studyportal.clinic.timeline.days import days_of, said, states_of
from studyportal.clinic.timeline.picture import picture_of
from studyportal.clinic.timeline.since import since_of
from studyportal.clinic.timeline.whole import timeline_of
from studyportal.clinic.visits.running import LASTS, local_address
from studyportal.database import reading, writing
from studyportal.desk import Course, Entry
from studyportal.paper import Grid
from studyportal.portal.inside import inside
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.protocol.entry import SOURCES
from studyportal.registry.tables import SEALED_ENTRIES
from studyportal.web.course.events import events_of
from studyportal.web.course.happened import happened
from studyportal.web.course.lines import WRITTEN, alert_titles, lines_of
from studyportal.web.course.measures import by_day, summaries
from studyportal.web.course.scores import scored
from studyportal.web.course.spans import SPANS, Span, span_of
from studyportal.web.course.yes_days import Days
from tests.clinic.desk_cast import enrolment_of, visiting
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House, readable

PROTOCOL = load_protocol(SHIPPED)
ZONE, START, TODAY = "Europe/Berlin", date(2026, 3, 2), date(2026, 5, 11)
NOW = datetime(2026, 5, 11, 10, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script> =1+1 "' + "\u202e" + "😀" + "x" * 300


def entry(instrument, day, answers, *, occasion=1, at=None, **more):
    written = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    known = {
        "id": uuid4(),
        "version": PROTOCOL.study.version,
        "zone": ZONE,
        "written_at": written,
        "received_at": written,
        "late": False,
        "source": "participant",
        "missing": {},
        "amends": None,
        "follows": None,
    }
    return Entry(**known | more, instrument=instrument, diary_date=day, answers=answers, occasion=occasion, event_at=at)


def evening(day, **more):
    answers = {"pain_average": 4, "mood": 6, "hours_slept": 7.5} | more.pop("answers", {})
    return entry("evening", day, answers, occasion=(day - START).days + 1, **more)


def dose(at, **more):
    answers = {"substance": "lsd", "amount": 10.0, "unit": "ug", "taken": at.isoformat()}
    return entry("dose", at.date(), answers, occasion=None, at=at, **more)


def whole(entries, *, span="all", alerts=(), faults=0):
    came = {(one.instrument, one.occasion): one.received_at for one in entries if one.occasion}
    return timeline_of(
        Course(tuple(entries), faults), alerts, came, protocol=PROTOCOL, started_on=START, zone=ZONE,
        span=span_of(span, started_on=START, today=TODAY), now=NOW,
    )  # fmt: skip


def test_a_span_ends_today_and_begins_no_earlier_than_day_1():
    assert span_of("4", started_on=START, today=TODAY) == Span(date(2026, 4, 14), TODAY)
    assert span_of("12", started_on=START, today=TODAY) == Span(START, TODAY)
    assert {name for name, (_, days) in SPANS.items() if days is None} == {"all"}


def test_of_an_entry_and_its_correction_the_correction_counts_and_is_marked():
    first = evening(TODAY)
    second = evening(TODAY, answers={"pain_average": 7}, amends=first.id)

    (line,) = lines_of([first, second], PROTOCOL)

    assert line.entry == second
    assert line.is_corrected


def test_an_entry_of_a_version_that_is_not_known_here_keeps_its_day_and_is_no_number():
    (line,) = lines_of([evening(TODAY, version="99")], PROTOCOL)

    assert line.title == "An entry of an unknown version"
    assert line.day == TODAY
    assert whole([evening(TODAY, version="99")]).entries == 1


def test_pain_mood_and_sleep_are_means_of_the_days_that_have_an_answer():
    week = [evening(TODAY - timedelta(days=ago), answers={"pain_average": 6}) for ago in (0, 6)]
    lately = [evening(TODAY - timedelta(days=ago), answers={"pain_average": 3}) for ago in (7, 27)]
    before = [evening(TODAY - timedelta(days=ago), answers={"pain_average": 8}) for ago in (28, 55, 56)]
    measures = measures_of(PROTOCOL)
    values = by_day(lines_of([*week, *lately, *before], PROTOCOL), measures)

    found = {one.measure.name: one for one in summaries(values, measures, today=TODAY, shown=Span(START, TODAY))}

    assert {"pain_average", "mood", "sleep_quality", "hours_slept"} <= found.keys()
    assert found["pain_average"].week == Mean(6.0, 2)
    assert found["pain_average"].lately == Mean(4.5, 4)
    assert found["pain_average"].before == Mean(8.0, 2), "the day before those four weeks is not of them"
    assert (found["pain_average"].lowest, found["pain_average"].highest) == (3, 8)
    assert found["energy"].lately == Mean(None, 0)


def test_every_dose_stands_at_its_own_time_with_what_was_felt_after_it():
    at = datetime(2026, 5, 1, 7, 15, tzinfo=UTC)
    taken = dose(at)
    after = entry("follow_up", at.date(), {"intensity": 3}, occasion=None, at=at + timedelta(hours=5), follows=taken.id)

    ((title, (event,)),) = events_of(lines_of([after, taken], PROTOCOL), Span(START, TODAY))

    assert title == PROTOCOL.instruments["dose"].title
    assert f"{event.line.at:%H:%M}" == "09:15"
    assert ("What was it, as far as you know?", "LSD") in event.answers
    assert [one.line.entry for one in event.after] == [after]


def test_a_dose_written_in_the_form_stands_when_it_was_taken_and_says_that_it_was_written_on_another_day():
    taken = datetime(2026, 5, 1, 19, 15, tzinfo=UTC)
    answers = {"substance": "lsd", "taken": f"{taken.astimezone().isoformat()}[{ZONE}]"}
    at_once = entry("dose", taken.date(), answers, occasion=None)
    next_day = taken + timedelta(hours=14)
    later = entry("dose", taken.date(), answers, occasion=None, written_at=next_day, received_at=next_day)

    first, second = lines_of([at_once, later], PROTOCOL)

    assert [(one.day, one.clock) for one in (first, second)] == [(date(2026, 5, 1), "21:15")] * 2
    assert (first.remarks, second.remarks) == ([], ["written on Sat 2 May"])


def test_what_is_known_to_the_day_has_no_time_of_day():
    written = datetime(2026, 5, 9, 16, tzinfo=UTC)
    answers, came = {"began": "2026-05-06"}, {"written_at": written, "received_at": written}
    began = entry("adverse_event", date(2026, 5, 6), answers, occasion=None, **came)

    shown = whole([began], span="4")

    (line,) = shown.lines
    assert (line.day, line.clock, line.remarks) == (date(2026, 5, 6), "", ["written on Sat 9 May"])
    assert next(day for day in shown.days if day.happened).happened == [PROTOCOL.instruments["adverse_event"].title]
    assert "Wed 6 May\n(written on Sat 9 May)" in first_column(happened(shown.events, PROTOCOL, last=TODAY))


def first_column(parts):
    """The first column of every table among them."""
    return [row[0] for part in parts if isinstance(part, Grid) for row in part.rows]


def test_what_was_felt_after_a_dose_stays_with_it_when_it_is_corrected():
    at = datetime(2026, 5, 1, 7, 15, tzinfo=UTC)
    taken = dose(at)
    after = entry("follow_up", at.date(), {"intensity": 3}, occasion=None, at=at + timedelta(hours=5), follows=taken.id)
    once = dose(at - timedelta(hours=1), amends=taken.id, received_at=at + timedelta(days=1))
    twice = dose(at - timedelta(hours=2), amends=once.id, received_at=at + timedelta(days=2))
    late = entry("follow_up", at.date(), {"intensity": 4}, occasion=None, at=at + timedelta(hours=6), follows=once.id)

    ((_, (event,)),) = events_of(lines_of([taken, after, once, twice, late], PROTOCOL), Span(START, TODAY))

    assert (event.line.entry, event.line.clock) == (twice, "07:15")
    assert [one.line.entry for one in event.after] == [after, late]


def test_what_follows_a_dose_outside_of_the_span_is_not_lost():
    at = datetime(2026, 4, 13, 20, tzinfo=UTC)
    taken = dose(at)
    after = entry(
        "follow_up", date(2026, 4, 14), {"intensity": 3}, occasion=None, at=at + timedelta(hours=6), follows=taken.id
    )

    found = events_of(lines_of([taken, after], PROTOCOL), span_of("4", started_on=START, today=TODAY))

    assert [(title, len(events)) for title, events in found] == [(PROTOCOL.instruments["follow_up"].title, 1)]


def test_a_score_carries_the_words_of_its_published_cut_offs():
    month = entry("monthly", TODAY, {"phq9": 12.0, "gad7": 3.0})

    (found,) = scored(lines_of([month], PROTOCOL))

    assert found.rows == [(TODAY, ["12 of 27: moderate depression", "3 of 21: minimal anxiety"])]
    assert len(found.sources) == 2


def test_an_occasion_is_late_by_custodys_word_and_missed_where_nothing_came():
    given, late = evening(START), evening(START + timedelta(days=1), late=True)
    lines = lines_of([given, late], PROTOCOL)
    came = {("evening", 1): given.received_at, ("evening", 2): late.received_at}

    _, states = states_of(PROTOCOL, lines, came, start=START, zone=ZONE, now=NOW)["evening"]

    assert [states[START + timedelta(days=ago)] for ago in range(3)] == ["given", "late", "missed"]


def test_what_was_said_besides_numbers_stands_on_its_day_as_it_was_written():
    (line,) = lines_of([evening(TODAY, answers={"flare": True, "stress": False, "note": HOSTILE})], PROTOCOL)

    assert said(line) == [("Flare", ""), ("Note", f"“{HOSTILE}”")]
    (day,) = days_of([line], {}, (), {}, span=Span(TODAY, TODAY), start=START)
    assert (day.number, day.said) == (71, said(line))


def test_an_alert_says_what_raised_it_in_the_words_of_its_version_and_nothing_where_its_entry_does_not_open():
    painful = evening(TODAY, answers={"pain_average": 9})

    assert alert_titles(painful, PROTOCOL) == ["Very strong pain over the whole day"]
    assert alert_titles(None, PROTOCOL) == ()
    assert alert_titles(evening(TODAY, version="99"), PROTOCOL) == ()


def test_an_alert_that_is_not_closed_is_shown_however_old():
    def alert(closed_at, acknowledged_at=None):
        old = datetime(2026, 3, 3, tzinfo=UTC)
        return SimpleNamespace(
            id=uuid4(), entry=uuid4(), source="entry", level="high", raised_at=old,
            acknowledged_at=acknowledged_at, closed_at=closed_at,
        )  # fmt: skip

    found = whole([], span="4", alerts=[alert(None), alert(None, NOW), alert(NOW, NOW)]).alerts

    assert [one.state for one in found] == ["waiting", "taken"]


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\nb", "/" + "a" * 400]
)
def test_the_way_goes_on_within_this_room_only(address):
    assert local_address(address) is None
    assert local_address("/participants/1/timeline?range=all") == "/participants/1/timeline?range=all"


def test_the_picture_has_one_track_for_each_subject_and_its_table_every_number():
    at = datetime(2026, 5, 1, 7, 15, tzinfo=UTC)
    shown = whole([evening(TODAY), evening(TODAY - timedelta(days=2)), dose(at), dose(at + timedelta(hours=3))])

    chart = picture_of(shown, started_on=START)

    assert chart.title == "Pain average, Mood, Hours slept, day by day"
    assert chart.table.head == ("Day", "Pain average", "Mood", "Hours slept", "Happened")
    assert chart.table.rows[0] == ("Mon 11 May 2026", "4", "6", "7.5", "")
    assert chart.table.rows[-1] == ("Fri 1 May 2026", "", "", "", "Something I took, 09:15; Something I took, 12:15")
    assert picture_of(whole([evening(TODAY)]), started_on=START) is None, "a single day is no course"


def test_a_long_time_is_drawn_by_the_means_of_its_weeks():
    days = [(START + timedelta(days=ago), float(ago)) for ago in (0, 6, 7, 21)]

    assert by_week(days, START) == [
        (START + timedelta(days=3), 3.0), (START + timedelta(days=10), 7.0), (START + timedelta(days=24), 21.0)
    ]  # fmt: skip


def test_four_weeks_stand_beside_the_four_before_in_figures_alone():
    lately = [evening(TODAY - timedelta(days=ago), answers={"pain_average": 5, "flare": ago == 1}) for ago in (1, 2)]
    before = evening(TODAY - timedelta(days=30), answers={"pain_average": 8, "flare": True}, late=True)
    taken = dose(datetime(2026, 5, 1, 7, 15, tzinfo=UTC))

    found = whole([*lately, before, taken])

    assert [(one.what, one.figure) for one in found.glances] == [
        ("Pain average", "5.0 of 10"), ("Evening diary", "2 of 27"), ("Alerts not closed", "0"), ("Something I took", "1")
    ]  # fmt: skip
    assert found.glances[0].beside == "Mean of 2 days. The 4 weeks before: 8.0 (1 day)"
    assert found.glances[1].beside == "Days given, of days due. 25 missed. The 4 weeks before: 1 of 28"
    flare = found.yes_days[0]
    assert (flare.item.name, flare.lately, flare.before) == ("flare", Days(1, 2), Days(1, 1))


def test_what_is_new_is_what_arrived_after_the_last_visit_whatever_day_it_is_about():
    at = datetime(2026, 5, 8, 9, tzinfo=UTC)
    old, new = evening(date(2026, 5, 7)), evening(date(2026, 5, 6), received_at=datetime(2026, 5, 9, 6, tzinfo=UTC))
    raised = SimpleNamespace(raised_at=NOW, closed_at=None)
    shown = whole([old, new])
    visit = SimpleNamespace(begun_at=at)

    found = since_of(visit, shown.lines, shown.states, [raised], 1, zone=ZONE)

    assert (found.entries, found.kinds, found.raised, found.closed) == (1, [("Evening diary", 1)], 1, 0)
    assert found.missed == 2, "the evenings of the 8th and 9th; that of the 10th can still be written"


def test_a_correction_shows_what_was_written_first_and_why():
    first = evening(TODAY, answers={"pain_average": 7, "note": "Rain."})
    second = evening(TODAY, answers={"pain_average": 5}, amends=first.id, reason="I mixed up the scale.")

    (found,) = whole([first, second]).corrections

    assert found.line.entry.reason == "I mixed up the scale."
    assert ("Average pain over the last 24 hours", "7 of 10", "5 of 10") in found.changes
    assert ("Is there anything else about today?", "Rain.", "No answer") in found.changes
    assert corrections(lines_of([second], PROTOCOL), {second.id: second}, PROTOCOL)[0].changes is None


def test_an_entry_says_who_wrote_it_down():
    phone = evening(TODAY, source="phone", written_by="Nurse Abe")

    (line,) = lines_of([phone], PROTOCOL)
    (day,) = days_of([line], {}, (), {}, span=Span(TODAY, TODAY), start=START)

    assert day.remarks == ["Evening diary: told on the phone, written down by Nurse Abe"]
    assert set(WRITTEN) == set(SOURCES)


# ── The pages ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("timeline"))
    house.run("site", "add", "NS", "Northside")
    house.run("site", "add", "SS", "Southside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    her = join(house)
    write(her, "baseline", BASELINE)
    write(
        her,
        "evening",
        {"pain_average": "9", "pain_worst": "9", "mood": "4", "hours_slept": "6.5", "flare": "yes", "note": HOSTILE},
    )
    return enrolment_of(house, her)


@pytest.fixture
def abe(house, her):
    name = f"Abe {uuid4().hex[:6]}"
    return house.staff("clinic", name, "clinician", "--site", "NS")


def test_the_purpose_is_asked_once_a_visit_and_leads_on_to_where_the_way_led(her, abe):
    asked = abe.get(f"/participants/{her}/timeline?range=12", status=303)
    assert asked.headers["Location"].startswith(f"/participants/{her}/visit?next=")
    abe.follow(asked)
    assert "checked" not in abe.page, "nothing is chosen beforehand"

    gone_on = abe.post(f"/participants/{her}/visit", purpose="visit")

    assert gone_on.headers["Location"] == f"/participants/{her}/timeline?range=12"
    abe.follow(gone_on)
    abe.get(f"/participants/{her}/timeline")
    assert "They have an appointment".lower() in readable(abe.page).lower()


def test_a_visit_without_a_purpose_is_not_begun(her, abe):
    abe.get(f"/participants/{her}/visit")
    abe.post(f"/participants/{her}/visit", status=422)
    assert "Choose what you need to read for." in abe.page
    abe.post(f"/participants/{her}/visit", purpose="curiosity", status=422)

    abe.get(f"/participants/{her}/timeline", status=303)


def test_a_visit_is_for_one_participant_and_ends_by_the_clock(house, her, abe, monkeypatch):
    other = enrolment_of(house, join(house))
    visiting(abe, her)
    abe.get(f"/participants/{other}/timeline", status=303)

    monkeypatch.setattr("studyportal.clinic.visits.running.LASTS", -LASTS)

    abe.get(f"/participants/{her}/timeline", status=303)


def test_the_page_shows_what_was_written_and_never_as_markup(her, abe):
    page = visiting(abe, her)

    assert "<script>alert" not in page
    assert "“&lt;script&gt;alert(1)&lt;/script&gt;" in page
    text = readable(page)
    assert "Very strong pain over the whole day" in text
    assert "Average pain over the last 24 hours" in text
    assert "9.0 (1 day)" in text
    assert "Pain average 9.0 of 10 Mean of 1 day. The 4 weeks before: no answer." in text
    assert "This is your first visit to" in text


def test_the_picture_is_drawn_for_the_same_visit_and_kept_nowhere(house, her, abe, monkeypatch):
    monkeypatch.setattr("studyportal.charts.daily.FEWEST", 1)
    abe.get(f"/participants/{her}/timeline.svg", status=303)
    page = visiting(abe, her)

    drawn = abe.get(re.search(r'<img src="([^"]+)"', page)[1])

    assert drawn.mimetype == "image/svg+xml"
    assert drawn.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in drawn.headers["Content-Security-Policy"]
    assert "Pain average" in drawn.text
    assert "<script" not in drawn.text


def test_a_day_without_entries_and_a_range_that_is_none(house, abe):
    nobody = enrolment_of(house, join(house, screening=None))
    page = readable(visiting(abe, nobody))

    assert "Day by day" in page
    abe.get(f"/participants/{nobody}/timeline?range=forever", status=404)


def test_another_sites_clinician_meets_no_page_and_leaves_no_visit(house, her):
    zoe = house.staff("clinic", f"Zoe {uuid4().hex[:6]}", "clinician", "--site", "SS")

    zoe.get("/")
    for path in ("timeline", "visit"):
        zoe.get(f"/participants/{her}/{path}", status=404)
    zoe.get("/participants/" + str(uuid4()) + "/visit", status=404)
    zoe.get("/sessions")
    zoe.post(f"/participants/{her}/visit", purpose="review", status=404)


def test_a_closed_desk_is_one_sentence(house, her, abe, monkeypatch):
    visiting(abe, her)

    def dead(question):
        raise ConnectionRefusedError

    monkeypatch.setattr(house.rooms["clinic"].extensions["studyportal.desk"], "_send", dead)

    abe.get(f"/participants/{her}/timeline", status=503)
    assert "The reading desk does not answer; nothing was opened." in readable(abe.page)


def test_an_entry_that_does_not_open_is_counted_on_the_page_and_told_to_custody(house, abe):
    other = join(house)
    write(other, "baseline", BASELINE)
    enrolment = enrolment_of(house, other)
    with inside("custody", house.folder), writing("registry") as connection:
        torn = {
            "schedule": "on_demand",
            "occasion": None,
            "commitment": bytes(32),
            "receipt": bytes(64),
            "sealed": bytes(400),
        }
        known = {"id": uuid4(), "enrolment": enrolment, "received_at": datetime.now(UTC)}
        connection.execute(sa.insert(SEALED_ENTRIES), known | torn)

    text = readable(visiting(abe, enrolment))

    assert "1 entry could not be opened What it says is missing below. The data custodian has been told" in text
    with inside("custody", house.folder), reading("registry") as connection:
        told = sa.select(AUDIT_EVENTS["registry"].c.object_id).where(AUDIT_EVENTS["registry"].c.action == "desk:fault")
        assert connection.scalars(told).all() == [str(enrolment)]


def test_of_somebody_whose_answers_are_erased_nothing_is_shown(house, abe):
    gone = join(house)
    write(gone, "baseline", BASELINE)
    enrolment = enrolment_of(house, gone)
    gone.browser.get("/leave/study/erase")
    gone.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
    house.work()
    abe.get(f"/participants/{enrolment}/visit")
    on = abe.post(f"/participants/{enrolment}/visit", purpose="review")

    abe.get(on.headers["Location"], status=410)

    assert "Their answers have been erased. Nobody can open them any more." in readable(abe.page)


def test_no_word_of_the_page_advises(her, abe):
    text = readable(visiting(abe, her)).lower()

    assert not re.search(r"\b(should|recommend|increase|reduce|stop taking|effective|improv\w+)\b", text)
