"""Compare two versions of a study, item by item, in sentences for whoever decides about the change.

Refused is what no column and no calendar could stand: a rhythm that changes under the same name, a consent form with
other words under the same version, two documents with one version number.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from studyportal.protocol.amendments.lineage import Threads, column_part, followed
from studyportal.protocol.amendments.links import links
from studyportal.protocol.amendments.order import is_later, sort_key, versions
from studyportal.protocol.amendments.rules import BREAKING, COMPATIBLE, REFUSED
from studyportal.protocol.document import Alert, Instrument, Protocol
from studyportal.protocol.schedules import Schedule


class Change(NamedTuple):
    """One difference: where, what it means for answers given before (a word of `VERDICTS`), and a sentence."""

    place: str
    verdict: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def compare(old: Protocol, new: Protocol) -> tuple[Change, ...]:
    """What becomes of the study, and of the answers given before, when `new` takes the place of `old`."""
    if old.digest == new.digest:
        return ()
    return tuple(dict.fromkeys((*_study(old, new), *_instruments(old, new))))


def _study(old: Protocol, new: Protocol) -> Iterator[Change]:
    yield from _version(old, new)
    for place, (value, sentence) in PARTS.items():
        if value(old) != value(new):
            yield Change(place, COMPATIBLE, sentence)
    if old.study.code != new.study.code:
        yield Change("study.code", REFUSED, "This is the document of another study: its code is another one.")
    if old.languages[0] != new.languages[0]:
        said = f"The first language of the study is {old.languages[0]} and stays so: versions are compared in it."
        yield Change("languages", REFUSED, said)
    if old.consent.text != new.consent.text:
        yield _consent(old, new)
    yield from _scopes(old, new)
    if gone := set(old.consent.withdrawal) - set(new.consent.withdrawal):
        ways = " and ".join(sorted(gone))
        yield Change("consent.withdrawal", REFUSED, f"Those who take part were promised that they can {ways}: keep it.")
    yield from _alerts(old, new)


def _version(old: Protocol, new: Protocol) -> Iterator[Change]:
    known = {sort_key(one.study.version): one.study.version for one in versions(old)}
    version = new.study.version
    if (same := known.get(sort_key(version))) is not None:
        again = (
            f"Version {same} is in use for another document" if same == version else f"This counts as version {same}"
        )
        yield Change("study.version", REFUSED, f"{again}. Give the new document a later version.")
    elif not is_later(version, old.study.version):
        yield Change(
            "study.version", REFUSED, f"{version} does not come after {old.study.version}. Give a later version."
        )


def _consent(old: Protocol, new: Protocol) -> Change:
    if old.consent.version == new.consent.version:
        return Change("consent.version", REFUSED, "The consent form has other words, so it needs another version.")
    return Change(
        "consent",
        COMPATIBLE,
        "The consent form changes. Once two custodians put it into force, everybody who takes part is asked to sign it.",
    )


def _scopes(old: Protocol, new: Protocol) -> Iterator[Change]:
    """People agreed to a scope by its name: what hangs on the name cannot become another thing."""
    last = {name: scope for version in versions(old) for name, scope in version.consent.scopes.items()}
    for name, before in last.items():
        place, now = f"consent.scopes.{name}", new.consent.scopes.get(name)
        if before.required and (now is None or not now.required):
            said = "Nobody could take part without this, and leaving it is leaving the study: keep it required."
            yield Change(place, REFUSED, said)
        if now is not None and now.required and not before.required:
            yield Change(place, REFUSED, "Some take part without this: give the scope that is needed another name.")
        if now is not None and now.shares != before.shares:
            said = "Those who agreed to it did not agree to this: give the scope another name."
            yield Change(
                place, REFUSED, f"{'It shares answers now' if now.shares else 'It shares no answers now'}. {said}"
            )


# Parts of the document that no answer depends on -> what is compared, and what is said.
PARTS: Mapping[str, tuple[Callable[[Protocol], Any], str]] = {
    "study.title": (lambda one: one.study.title, "The study has another title."),
    "languages": (lambda one: one.languages, "The study speaks other languages."),
    "notices": (lambda one: one.notices, "Notices are worded differently."),
    "disclosure": (lambda one: one.disclosure, "Small groups are protected differently from the next snapshot on."),
    "eligibility": (lambda one: one.ineligibility, "Others may take part from now on."),
    "consent.until_signed": (
        lambda one: one.consent.until_signed,
        "Whoever has not signed a new consent form yet is asked for entries, or is not, from now on.",
    ),
    "consent.until_countersigned": (
        lambda one: one.consent.until_countersigned,
        "Whose consent waits for the clinic's countersignature is asked for entries, or is not, from now on.",
    ),
    "contacts": (lambda one: one.contacts, "Others are named to call in a crisis."),
    "monitoring": (lambda one: one.monitoring, "Alerts are read at other times."),
}  # fmt: skip


def _alerts(old: Protocol, new: Protocol) -> Iterator[Change]:
    for name, alert in new.alerts.items():
        before: Alert | None = old.alerts.get(name)
        if before != alert:
            said = "This alert is new." if before is None else "This alert is raised or worded differently from now on."
            yield Change(f"alerts.{name}", COMPATIBLE, said)
    for name in old.alerts.keys() - new.alerts.keys():
        yield Change(f"alerts.{name}", COMPATIBLE, "This alert is not raised any more.")


def _instruments(old: Protocol, new: Protocol) -> Iterator[Change]:
    former = followed(versions(old))
    last = {name: one for version in versions(old) for name, one in version.instruments.items()}
    for name, instrument in new.instruments.items():
        place = f"instruments.{name}"
        if name not in last:
            yield Change(place, COMPATIBLE, "This instrument is new.")
            continue
        if name not in old.instruments:
            yield Change(place, COMPATIBLE, "This instrument was asked in a former version; its columns go on.")
        yield from _instrument(place, last[name], instrument)
        yield from _items(f"{place}.items", former[name], old.instruments.get(name), instrument, new.study.version)
    for name in old.instruments.keys() - new.instruments.keys():
        yield Change(f"instruments.{name}", COMPATIBLE, "It is not asked any more; its columns end.")


def _instrument(place: str, old: Instrument, new: Instrument) -> Iterator[Change]:
    for attribute, sentence in INSTRUMENT.items():
        if getattr(old, attribute) != getattr(new, attribute):
            yield Change(place, COMPATIBLE, sentence)
    for field in fields(Schedule):
        if getattr(old.schedule, field.name) != getattr(new.schedule, field.name):
            yield Change(f"{place}.schedule", *SCHEDULE[field.name])


INSTRUMENT = {
    "title": "It has another title.",
    "hint": "Its hint is worded differently.",
    "by": "Others fill it in from now on. Each entry says who wrote it, but its column does not.",
}
# Occasions are numbered: under another rhythm the same number would be another day, for answers given before too.
OTHER_DAYS = (
    REFUSED,
    "Its rhythm changes, so the numbers of former occasions would mean other days. Give the instrument a new name.",
)
OTHER_EVENT = (
    REFUSED,
    "Its answers would be about another time than those given before. Give the instrument a new name.",
)
OPEN = (COMPATIBLE, "It is open at other times from now on; former entries stay on time or late as they were.")
# Each attribute of a schedule -> verdict and sentence.
SCHEDULE: Mapping[str, tuple[str, str]] = {
    "form": OTHER_DAYS,
    "first_day": OTHER_DAYS,
    "every_days": OTHER_DAYS,
    "every_months": OTHER_DAYS,
    "after": OTHER_EVENT,
    "delay": OTHER_EVENT,
    "last_day": (COMPATIBLE, "It ends on another day."),
    "opens": OPEN,
    "window": OPEN,
    "grace": OPEN,
    "back_days": (COMPATIBLE, "Entries may be written for other days back."),
}


def _items(place: str, former: Threads, old: Instrument | None, new: Instrument, version: str) -> Iterator[Change]:
    found = links(former.known, new.items)
    columns = {thread.column for thread in former.all}
    for name, link in found.items():
        at = f"{place}.{name}"
        own = f"{name}__since_{column_part(version)}" if name in columns else name
        if link.former is None:
            named = f" Its column is {own}, because {name} is taken by another item." if own != name else ""
            yield Change(at, COMPATIBLE, f"This item is new.{named}")
        elif old is None or link.former.name not in old.items:
            yield Change(at, COMPATIBLE, "This item was asked in a former version.")
        for one in link.findings:
            new_column = f" A new column begins: {own}." if one is link.breaking else ""
            yield Change(at, one.verdict, one.sentence + new_column)
    gone = {*(old.items if old else ())} - {link.former.name for link in found.values() if link.former}
    for name in sorted(gone):
        yield Change(f"{place}.{name}", COMPATIBLE, "This item is not asked any more; its column ends.")


def breaks(changes: tuple[Change, ...]) -> bool:
    """Whether answers given before need columns of their own."""
    return any(change.verdict == BREAKING for change in changes)
