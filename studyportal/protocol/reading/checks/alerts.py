"""Hold alerts and eligibility against the instruments whose answers they look at."""

from collections import Counter
from collections.abc import Mapping

from studyportal.protocol.expressions import TYPES, Domain, Expression, check, may_hold
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.reading.checks.domains import domain_of, domains_of
from studyportal.protocol.reading.checks.draft import Draft
from studyportal.protocol.reading.fields import words

NEVER = "This can never hold, whatever is answered. Change the condition or remove it."


def check_alerts(draft: Draft) -> None:
    elsewhere, broken = _seen_elsewhere(draft), _broken_elsewhere(draft)
    for name, alert in draft.part("alerts").items():
        on, when = alert.get("on"), alert.get("when")
        if on and on not in draft.instruments:
            if draft.instruments:
                draft.refuse(f"alerts.{name}.on", f"There is no instrument {on}. Write {words(draft.instruments)}.")
        elif on and when:
            here = domains_of(draft.items(on))
            _check_condition(draft, f"alerts.{name}.when", when, elsewhere | here, broken | draft.broken(on))


def check_eligibility(draft: Draft) -> None:
    reasons = draft.part("eligibility")
    screenings = [name for name, schedule in draft.schedules().items() if schedule.form == "before_consent"]
    for name in screenings[1:]:
        draft.refuse(
            f"instruments.{name}.schedule", f"One instrument comes before consent, and that is {screenings[0]} already."
        )
    if screenings:
        screening = screenings[0]
        for name, reason in reasons.items():
            if reason.get("when") and draft.is_whole(screening):
                domains = domains_of(draft.items(screening))
                _check_condition(draft, f"eligibility.{name}.when", reason["when"], domains, draft.broken(screening))
    elif reasons and len(draft.schedules()) == len(draft.instruments):
        draft.refuse(
            "eligibility", "There is no screening: give the instrument that asks for this schedule: {before: consent}."
        )


def check_warnings(draft: Draft) -> None:
    """What should be looked at before the document is used."""
    alerts = draft.part("alerts")
    levels = Counter(alert.get("level") for alert in alerts.values())
    for name, alert in alerts.items():
        if alert.get("level") and levels[alert["level"]] == 1:
            draft.warn(
                f"alerts.{name}.level",
                f"Only this alert has the level {alert['level']}. The level stands in clear, so whoever sees it knows the "
                "answer. Give another alert the same level, or this one the level of others.",
            )
        if alert.get("level") == "urgent" and not draft.values.get("contacts"):
            draft.warn(
                f"alerts.{name}", "It is urgent, but there are no contacts: nobody is told whom to call in a crisis."
            )
    monitoring = draft.values.get("monitoring")
    if alerts and not (monitoring and monitoring.hours):
        draft.warn("alerts", "There are alerts, but monitoring names no hours: nobody is said to read them in time.")


def _check_condition(
    draft: Draft, path: str, when: Expression, domains: Mapping[str, Domain], broken: frozenset[str]
) -> None:
    if when.names & broken:
        return
    found = [sentence for _, sentence in check(when, domains, wanted="condition")]
    if not found and may_hold(when, domains, steps=draft.steps) is False:
        found = [NEVER]
    for sentence in found:
        draft.refuse(path, sentence)


def _seen_elsewhere(draft: Draft) -> dict[str, Domain]:
    """The latest former answers to every instrument, by their names with a dot."""
    return {
        f"{instrument}.{name}": domain_of(item, elsewhere=True)
        for instrument in draft.instruments
        for name, item in draft.items(instrument).items()
        if KINDS[item.kind].type in TYPES
    }


def _broken_elsewhere(draft: Draft) -> frozenset[str]:
    return frozenset(f"{instrument}.{name}" for instrument in draft.instruments for name in draft.broken(instrument))
