"""Remember who did what to which, when: append-only, chained, and never an answer.

One table per database, written in the transaction of the change it tells of. Nothing here can alter an event.
"""

from studyportal.audit.events import ACTIONS, Actor, AuditEvent
from studyportal.audit.trail import record
from studyportal.audit.verification import Verdict, verify

__all__ = ["ACTIONS", "Actor", "AuditEvent", "Verdict", "record", "verify"]
