"""The kinds of things that somebody may need today, in one table: each finds its own for one site.

A row here is all that a kind has to bring: its name for the filter, and a function from one `Asked` to `Need`s. The
pressing come first, of those the oldest. Nothing that is listed says what anybody answered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa

from studyportal.clinic.alerts.waiting import LOOKS
from studyportal.clinic.worklist import silence
from studyportal.protocol import Protocol
from studyportal.protocol.schedules import LONGEST
from studyportal.registry import needs as registry
from studyportal.registry.behind import behind
from studyportal.registry.consent_forms import form_in_force
from studyportal.registry.countersignatures import waiting_at
from studyportal.registry.messages import unread_conversations
from studyportal.registry.pauses import pauses_among
from studyportal.registry.reset_states import has_lapsed
from studyportal.web.words import counted, short_day

# What cannot wait until tomorrow has a rank below this.
CAN_WAIT = 2


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that one participant needs. `look` and `state` are for parts.html; `page` and `with_` lead to where it
    is done; `take` is an alert that nobody has taken on yet."""

    kind: str
    enrolment: UUID
    code: str
    since: datetime
    rank: int
    what: str
    look: str
    state: str
    page: str
    with_: Mapping[str, UUID] = field(default_factory=dict)
    take: UUID | None = None
    # Of a day, only the day is known.
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom the list is: a site's member of staff, now."""

    connection: sa.Connection
    site: str
    account: UUID
    protocol: Protocol
    now: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its words in the filter, and how its needs are found."""

    words: str
    find: Callable[[Asked], Iterator[Need]]


def _alerts(asked: Asked) -> Iterator[Need]:
    ranks = {"urgent": (0, 3), "high": (1, 4), "low": (3, 5)}
    for row in registry.running_alerts(asked.connection, asked.site):
        look, words = LOOKS[row.level]
        is_taken = row.holder is not None
        # Whoever wants everything erased, and waits for this, waits no longer than they must.
        waits = row.waits_until is not None and row.waits_until > asked.now
        held = "In your hands" if row.holder == asked.account else "With a colleague"
        yield Need(
            "alert",
            row.enrolment,
            row.participant_code,
            row.raised_at,
            min(ranks[row.level][is_taken], 2 if waits else 9),
            f"Alert, {words.lower()}"
            + (f"; their erasure waits for it until {short_day(row.waits_until)}" if waits else ""),
            "neutral" if is_taken else look,
            held if is_taken else "Nobody has it yet",
            "alerts.look",
            {"id": row.id},
            take=None if is_taken else row.id,
        )
    for row in registry.alerts_erased(asked.connection, asked.site):
        level = f" ({LOOKS[row.level][1].lower()})" if row.level else ""
        what = f"An alert{level} was erased by its participant"
        yield Need(
            "alert", row.enrolment, row.participant_code, row.erased_at, 3, what, "attention", "To read", "alerts.show"
        )


def _resets(asked: Asked) -> Iterator[Need]:
    for row in registry.resets_for_staff(asked.connection, asked.site):
        is_ready = row.state == "waiting"
        if has_lapsed(row, now=asked.now) or (is_ready and row.ready_at > asked.now):
            continue
        asked_here = not is_ready and row.asked_by == asked.account
        state = "Code to hand over" if is_ready else "Waits for a colleague" if asked_here else "To confirm"
        yield Need(
            "reset",
            row.enrolment,
            row.participant_code,
            row.ready_at if is_ready else row.asked_at,
            2,
            "New six words: the day is over" if is_ready else "New six words: a second person is needed",
            "neutral" if asked_here else "attention",
            state,
            "resets.look",
            {"id": row.id},
        )


def _messages(asked: Asked) -> Iterator[Need]:
    for row in unread_conversations(asked.connection, asked.site):
        yield Need(
            "message",
            row.enrolment,
            row.participant_code,
            row.waiting_since,
            2,
            counted(row.unread, "message", "messages"),
            "attention",
            "Not read",
            "messages.conversation",
            {"id": row.enrolment},
        )


def _consents(asked: Asked) -> Iterator[Need]:
    form, required = form_in_force(asked.connection), asked.protocol.consent.required
    if form is None:
        return
    for row in registry.without_version(asked.connection, asked.site, form.version, required_scopes=required):
        yield Need(
            "consent",
            row.enrolment,
            row.participant_code,
            row.agreed_at or asked.now,
            6,
            f"Consent form {form.version} to be signed",
            "neutral",
            "Agreed to an earlier one" if row.agreed_at else "None is kept",
            "adherence.participant",
            {"id": row.enrolment},
        )


def _countersignatures(asked: Asked) -> Iterator[Need]:
    pauses = asked.protocol.consent.until_countersigned == "pause"
    for row in waiting_at(asked.connection, asked.site, required_scopes=asked.protocol.consent.required):
        yield Need(
            "countersign",
            row.enrolment,
            row.participant_code,
            row.agreed_at,
            2 if pauses else 4,
            f"Consent form {row.form_version} to be countersigned",
            "attention" if pauses else "neutral",
            "Diary waits" if pauses else "Signed by them",
            "countersigning.ask",
            {"id": row.enrolment},
        )


def _overdue(asked: Asked) -> Iterator[Need]:
    found: dict[UUID, tuple[sa.Row, str, silence.Silence]] = {}
    for instrument in silence.often(asked.protocol):
        judge = silence.Judge(instrument, now=asked.now)
        rows = behind(
            asked.connection,
            asked.site,
            silence.rhythm(instrument, now=asked.now, over=True),
            least=silence.several(instrument.schedule),
            most=silence.most_behind(instrument.schedule),
            required_scopes=asked.protocol.consent.required,
        )
        pauses = pauses_among(asked.connection, [row.enrolment for row in rows])
        for row in rows:
            one = judge.silence(row.started_on, row.zone, row.last, pauses.get(row.enrolment, ()))
            # One line a person: the silence that has lasted the longest.
            if one and (row.enrolment not in found or one.since < found[row.enrolment][2].since):
                found[row.enrolment] = row, instrument.title, one
    for row, title, one in found.values():
        yield Need(
            "overdue",
            row.enrolment,
            row.participant_code,
            _morning(one.since),
            5,
            f"{title}: {one.missed} missed in a row",
            "neutral",
            f"Silent for {counted((asked.now.date() - one.since) // timedelta(days=1), 'day', 'days')}",
            "adherence.participant",
            {"id": row.enrolment},
            is_day=True,
        )


def _forms(asked: Asked) -> Iterator[Need]:
    for instrument in silence.of_clinic(asked.protocol):
        judge = silence.Judge(instrument, now=asked.now)
        rows = behind(
            asked.connection,
            asked.site,
            silence.rhythm(instrument, now=asked.now, over=False),
            least=1,
            most=LONGEST,
            required_scopes=asked.protocol.consent.required,
            began=silence.starts_of_due(instrument, now=asked.now),
        )
        for row in rows:
            due = judge.due(row.started_on, row.zone, row.last)
            if due is None:
                continue
            is_late = due.is_late(asked.now)
            yield Need(
                "form",
                row.enrolment,
                row.participant_code,
                _morning(due.diary_date),
                4 if is_late else 7,
                f"{instrument.title}, to be filled in here",
                "attention" if is_late else "neutral",
                "Late" if is_late else "Due",
                "forms.choose",
                {"id": row.enrolment},
                is_day=True,
            )


NEEDS: Mapping[str, Kind] = MappingProxyType(
    {
        "alert": Kind("Alerts", _alerts),
        "reset": Kind("New words", _resets),
        "message": Kind("Messages", _messages),
        "form": Kind("Forms of the clinic", _forms),
        "overdue": Kind("Overdue diaries", _overdue),
        "countersign": Kind("To countersign", _countersignatures),
        "consent": Kind("Consent", _consents),
    }
)


def needs_of_site(asked: Asked) -> list[Need]:
    """Everything that anybody of a site needs, the most pressing first, of that the oldest."""
    found = [need for kind in NEEDS.values() for need in kind.find(asked)]
    return sorted(found, key=lambda need: (need.rank, need.since, need.code))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
