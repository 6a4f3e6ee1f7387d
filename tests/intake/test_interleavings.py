"""Whatever happens in whatever order, what was acknowledged is there once and opens as it was sent, and nothing else
is.

A phone sends forms, again, twice at once, with other answers and with a wrong clock; its owner travels, corrects,
pauses, leaves and has everything erased. The oracle is the phone's own list of what was acknowledged.
"""

import secrets
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from werkzeug.datastructures import MultiDict

from studyportal.database import reading
from studyportal.registry.tables import SEALED_ENTRIES
from tests.intake.conftest import NOW, ORIGIN, Browser, hidden, inside

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
# The clock of a phone, in minutes off; more than five ahead is refused.
SKEWS = st.sampled_from([0, 0, 0, -60, -3, 3, 60])
ACKNOWLEDGED, KNOWN_REFUSALS = (200, 201), (401, 403, 404, 409, 410, 422)


@dataclass
class Form:
    """One form as the phone keeps it: the bytes never change. `receipt` is what the study said, once it has."""

    name: str
    fields: dict[str, str]
    receipt: bytes | None = field(default=None)

    @property
    def id(self) -> str:
        return self.fields["entry-id"]


class Phone(RuleBasedStateMachine):
    """What one participant's phone can do to the room."""

    forms = Bundle("forms")
    study = app = None  # set by the test

    @initialize()
    def enrol(self) -> None:
        self.app.clock = NOW
        self.claimed = inside(self.app, self.study.participant)
        self.network = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
        browser = self._signed_in()
        self.token = browser.post("/offline/device", {}, page=browser.get("/").text).json["token"]
        self.zone = ZONES[0]
        # What was acknowledged: id -> (receipt, pain or None where it is not asked).
        self.ledger: dict[str, tuple[bytes, int | None]] = {}
        self.left = self.erased = self.paused = False
        self.written = 0

    # ── The world goes on ──

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.app.clock += timedelta(hours=hours)

    @rule(zone=st.sampled_from(ZONES))
    def travel(self, zone: str) -> None:
        self.zone = zone

    # ── Entries ──

    @rule(
        target=forms,
        name=st.sampled_from(["evening", "dose"]),
        pain=st.integers(0, 10),
        skew=SKEWS,
        is_next_day=st.booleans(),
        is_sent=st.booleans(),
    )
    def write(self, name: str, pain: int, skew: int, is_next_day: bool, is_sent: bool) -> Form:
        self.written += 1
        self.app.clock += timedelta(days=1 if is_next_day else 0)
        form = self._new(name, pain, skew)
        if is_sent:
            self.send(form)
        return form

    def _new(self, name: str, pain: int, skew: int) -> Form:
        saved = self.app.clock + timedelta(minutes=skew)
        fields = {
            "entry-id": str(uuid4()),
            "entry-blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
            "entry-zone": self.zone,
            "entry-saved-at": saved.isoformat(),
            "entry-version": self.study.protocol.study.version,
        }
        if name == "evening":
            return Form(name, fields | {"pain_average": str(pain)})
        return Form(name, fields | {"substance": "lsd", "taken": f"{saved:%Y-%m-%dT%H:%M}"})

    @rule(form=forms)
    def send(self, form: Form) -> None:
        self._judge(form, self._post(form.name, form.fields))

    @rule(form=forms)
    def send_twice_at_once(self, form: Form) -> None:
        with ThreadPoolExecutor(2) as taps:
            answers = list(taps.map(lambda _: self._post(form.name, form.fields), range(2)))
        for answer in answers:
            self._judge(form, answer)

    @rule(form=forms)
    def send_with_another_answer(self, form: Form) -> None:
        other = {"pain_average": "10" if form.fields.get("pain_average") != "10" else "9"}
        if form.name == "dose":
            other = {"substance": "lsd" if form.fields["substance"] == "other" else "other"}

        answer = self._post(form.name, form.fields | other)

        if form.receipt is not None:
            assert answer.status_code in KNOWN_REFUSALS
        elif answer.status_code == 201:
            form.fields |= other
            self._judge(form, answer)

    @rule(form=forms, name=st.sampled_from(["evening", "dose"]))
    def send_under_the_id_of_somebody_else(self, form: Form, name: str) -> None:
        with self.app.app_context(), reading("registry") as connection:
            foreign = connection.scalar(
                sa.select(SEALED_ENTRIES.c.id).where(SEALED_ENTRIES.c.enrolment != self.claimed.enrolment).limit(1)
            )
        if foreign is not None:
            assert self._post(form.name, form.fields | {"entry-id": str(foreign)}).status_code in KNOWN_REFUSALS

    @precondition(lambda self: not self.erased)
    @rule(form=forms, pain=st.integers(0, 10))
    def correct(self, form: Form, pain: int) -> None:
        browser = self._signed_in()
        page = browser.get(f"/entries/{form.id}/correct")
        if page.status_code != 200:
            return
        assert form.id in self.ledger and not self.left
        kept = hidden(page.text)
        answers = (
            {"pain_average": str(pain)}
            if form.name == "evening"
            else {"substance": "other", "taken": form.fields["taken"]}
        )
        fields = MultiDict([*kept.items(), *answers.items(), ("reason-for-change", "I tapped the wrong one.")])
        answer = browser.post(f"/entries/{form.id}/correct", fields.to_dict(flat=False), page=page.text)
        if answer.status_code == 303:
            self.ledger[kept["entry-id"]] = (b"", pain if form.name == "evening" else None)

    @precondition(lambda self: not self.left)
    @rule()
    def pause_or_go_on(self) -> None:
        browser = self._signed_in()
        path, fields = ("/pause/end", {}) if self.paused else ("/pause", {"until": "open"})
        answer = browser.post(path, fields, page=browser.get("/").text if self.paused else None)
        assert answer.status_code == 303, answer.text
        self.paused = not self.paused

    # ── Leaving ──

    # Else most walks would end soon.
    @precondition(lambda self: not self.left and self.written > 4)
    @rule(strength=st.sampled_from(["stop", "remove", "erase"]))
    def leave(self, strength: str) -> None:
        answer = self._signed_in().post(f"/leave/study/{strength}", {"word": strength.upper(), "alert": "hand_over"})
        assert answer.status_code == 303
        self.left, self.erased = True, strength == "erase"

    # ── What must hold ──

    def _signed_in(self) -> Browser:
        browser = Browser(self.app)
        # Every walk has a network of its own: so many sign-ins from one would be told to wait.
        browser.client.environ_base["REMOTE_ADDR"] = self.network
        assert browser.sign_in(self.claimed).status_code == 303
        return browser

    def _post(self, name: str, fields: dict[str, str]):
        client = self.app.test_client(use_cookies=False)
        bearer = {"Authorization": f"Bearer {self.token}"}
        return client.post(f"/api/forms/{name}", base_url=ORIGIN, data=fields, headers=bearer)

    def _judge(self, form: Form, answer) -> None:
        if answer.status_code not in ACKNOWLEDGED:
            assert answer.status_code in KNOWN_REFUSALS, answer.text
            # What was acknowledged stays so, unless the phone may not even ask any more.
            assert form.receipt is None or (self.erased and answer.status_code == 401)
            return
        assert not self.erased
        if form.receipt is None:
            assert not self.left
            pain = form.fields.get("pain_average")
            form.receipt = answer.data
            self.ledger[form.id] = (answer.data, None if pain is None else int(pain))
        assert answer.data == form.receipt

    @invariant()
    def what_was_acknowledged_is_there_once_and_nothing_else(self) -> None:
        if not hasattr(self, "ledger"):
            return
        with self.app.app_context(), reading("registry") as connection:
            there = connection.scalars(
                sa.select(SEALED_ENTRIES.c.id).where(
                    SEALED_ENTRIES.c.enrolment == self.claimed.enrolment, SEALED_ENTRIES.c.schedule != "screening"
                )
            ).all()
        assert sorted(map(str, there)) == sorted(self.ledger)

    def teardown(self) -> None:
        if not hasattr(self, "ledger") or self.erased:
            return
        kept = {one["id"]: one["entry"]["answers"] for one in self._signed_in().get("/download").json["entries"]}
        assert {id: kept[id].get("pain_average") for id in self.ledger} == {
            id: pain for id, (_, pain) in self.ledger.items()
        }


def test_no_entry_is_lost_none_doubled_and_none_accepted_after_leaving(room):
    study, app = room
    walk = type("Walk", (Phone,), {"study": study, "app": app})

    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
