"""Read what a form of the diary sent besides its answers: which entry it is, for whom it stays secret, when, under
what.

The fields are hidden ones of ours; no item's name has a hyphen. The same form may come from a page that was open, or
later from a phone that kept it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from werkzeug.datastructures import MultiDict

from studyportal.errors import Invalid
from studyportal.protocol.entry import BLIND, read_blind, write_blind
from studyportal.saying import said

ID_FIELD, BLIND_FIELD, ZONE_FIELD, FOLLOWS_FIELD = "entry-id", "entry-blind", "entry-zone", "entry-follows"
VERSION_FIELD = "entry-version"
# Only from a phone that kept the form: a page says the first by its address and the second by arriving.
OCCASION_FIELD, SAVED_FIELD = "entry-occasion", "entry-saved-at"
# The button that asks for more rows.
MORE_FIELD = "entry-more"
# The button that takes over what the entry before says; its value names the questions.
SAME_FIELD = "entry-same"
HIDDEN = (ID_FIELD, BLIND_FIELD, ZONE_FIELD, FOLLOWS_FIELD, VERSION_FIELD)
_OURS = frozenset({*HIDDEN, OCCASION_FIELD, SAVED_FIELD, MORE_FIELD, SAME_FIELD, "csrf_token"})
NOT_WHOLE = said("This page did not arrive whole. Open it again from Today.")
_LONGEST_OCCASION = 6  # digits


@dataclass(frozen=True, slots=True)
class Filled:
    """One form as it was sent. `version` is that of the study it was drawn from, None for the present one.

    `occasion` and `saved_at` are None where the page knows them otherwise; `answered` are the fields that are answers.
    """

    id: UUID
    blind: bytes = field(repr=False)
    zone: str
    follows: UUID | None
    version: str | None
    occasion: int | None
    saved_at: datetime | None
    answered: MultiDict[str, str] = field(repr=False)


def blank(*, zone: str, follows: str, version: str) -> Mapping[str, str]:
    """The hidden fields of an empty form: an entry id and a blind of its own, so that a double tap is one entry."""
    values = (str(uuid4()), write_blind(secrets.token_bytes(32)), zone, follows, version)
    return dict(zip(HIDDEN, values, strict=True))


def hidden_of(fields: Mapping[str, str], *, zone: str) -> Mapping[str, str]:
    """The hidden fields of a form that was sent, to be drawn again."""
    sent = {name: fields.get(name, "") for name in HIDDEN}
    return sent | {ZONE_FIELD: sent[ZONE_FIELD] or zone}


def read_filled(fields: MultiDict[str, str], *, zone: str) -> Filled:
    """What was sent; `zone` stands for one that was not. Raises `Invalid` for a form that is not whole."""
    sent = hidden_of(fields, zone=zone)
    occasion, saved_at = fields.get(OCCASION_FIELD, ""), fields.get(SAVED_FIELD, "")
    try:
        if not BLIND.fullmatch(sent[BLIND_FIELD]) or len(occasion) > _LONGEST_OCCASION:
            raise ValueError
        return Filled(
            id=UUID(sent[ID_FIELD]),
            blind=read_blind(sent[BLIND_FIELD]),
            zone=sent[ZONE_FIELD],
            follows=UUID(sent[FOLLOWS_FIELD]) if sent[FOLLOWS_FIELD] else None,
            version=sent[VERSION_FIELD] or None,
            occasion=int(occasion) if occasion else None,
            saved_at=_moment(saved_at) if saved_at else None,
            answered=MultiDict((name, value) for name, value in fields.items(multi=True) if name not in _OURS),
        )
    except ValueError:
        raise Invalid(NOT_WHOLE) from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
