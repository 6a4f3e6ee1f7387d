"""Keep which consents wait for the clinic's countersignature, and who gave it when. Each is signed once.

What is signed is the hash of the statement that the participant signed; of the latest consent of somebody only.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.adherence import has_left
from studyportal.registry.form_tables import COUNTERSIGNATURES
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS

_OF, _RECORDS, _ENROLMENTS = COUNTERSIGNATURES.c, CONSENT_RECORDS.c, ENROLMENTS.c
_later = CONSENT_RECORDS.alias("later")
# Whoever has signed anew waits with the newer one alone.
_IS_LATEST = sa.not_(
    sa.exists(_later.c.id).where(_later.c.enrolment == _RECORDS.enrolment, _later.c.agreed_at > _RECORDS.agreed_at)
)


def await_countersignature(
    connection: sa.Connection, consent: UUID, enrolment: UUID, *, statement_sha256: bytes
) -> None:
    """Let a consent wait for the clinic, in the transaction that keeps it."""
    row = {"consent": consent, "enrolment": enrolment, "statement_sha256": statement_sha256}
    connection.execute(sa.insert(COUNTERSIGNATURES), row)


def countersignature(connection: sa.Connection, consent: UUID) -> sa.Row | None:
    """What is known of the countersignature of one consent: signed_at (None: it waits), signer_name,
    statement_sha256."""
    columns = (_OF.signed_at, _OF.signer_name, _OF.statement_sha256)
    return connection.execute(sa.select(*columns).where(_OF.consent == consent)).first()


def countersignatures_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """The same for every consent of one enrolment that has one or waits for it: consent, signed_at."""
    return connection.execute(sa.select(_OF.consent, _OF.signed_at).where(_OF.enrolment == enrolment)).all()


def is_waiting_for_clinic(connection: sa.Connection, enrolment: UUID) -> bool:
    """Whether somebody's latest consent has not been countersigned yet."""
    return bool(connection.scalar(sa.select(sa.exists(_waiting(_OF.enrolment == enrolment).subquery().select()))))


def waiting_at(connection: sa.Connection, site: str, *, required_scopes: Collection[str]) -> Sequence[sa.Row]:
    """The consents of this site that wait: consent, enrolment, participant_code, form_version, agreed_at,
    statement_sha256. The oldest first; not those of people who have left."""
    query = _waiting(_ENROLMENTS.site == site, sa.not_(has_left(required_scopes)))
    return connection.execute(query.order_by(_RECORDS.agreed_at)).all()


def waiting_of(connection: sa.Connection, site: str, enrolment: UUID) -> sa.Row | None:
    """The same row for one participant of this site; None also for another site's."""
    return connection.execute(_waiting(_ENROLMENTS.site == site, _OF.enrolment == enrolment)).first()


def countersign(
    connection: sa.Connection, consent: UUID, *, statement_sha256: bytes, account: UUID, name: str, now: datetime
) -> bool:
    """Write down who countersigns this statement; False when somebody has, or it is another statement."""
    open_one = (_OF.consent == consent, _OF.statement_sha256 == statement_sha256, _OF.signed_at.is_(None))
    signed = {"signed_at": now, "signed_by": account, "signer_name": name}
    return connection.execute(sa.update(COUNTERSIGNATURES).where(*open_one).values(signed)).rowcount == 1


def _waiting(*which: sa.ColumnElement[bool]) -> sa.Select:
    return (
        sa.select(
            _OF.consent,
            _OF.statement_sha256,
            _RECORDS.form_version,
            _RECORDS.agreed_at,
            _ENROLMENTS.id.label("enrolment"),
            _ENROLMENTS.participant_code,
        )
        .select_from(COUNTERSIGNATURES)
        .join(CONSENT_RECORDS, _RECORDS.id == _OF.consent)
        .join(ENROLMENTS, _ENROLMENTS.id == _OF.enrolment)
        .where(_OF.signed_at.is_(None), _IS_LATEST, *which)
    )
