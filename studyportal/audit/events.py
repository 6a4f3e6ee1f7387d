"""What can be said in the trail: an actor did an action to an object. Free text has no place here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Every action that the trail knows, in alphabetical order, as the auditor reads it.
ACTIONS: dict[str, str] = {
    "account:begin": "followed an invitation to a staff account",
    "account:create": "made a staff account",
    "account:end": "ended a staff account",
    "account:invite": "invited somebody to a staff account",
    "account:sign_out": "signed a member of staff out everywhere",
    "account:uninvite": "took an invitation back",
    "agreement:sign": "signed the data-use agreement",
    "alert:acknowledge": "took on a safety alert",
    "alert:act": "wrote down what was done about a safety alert",
    "alert:close": "closed a safety alert",
    "alert:escalate": "found that a safety alert had waited too long",
    "alert:hand_over": "handed a safety alert over",
    "alert:note": "added a sealed note to a safety alert",
    "alert:raise": "raised a safety alert",
    "alert:read_erased": "read that a safety alert had been erased",
    "application:amend": "changed a request for access",
    "application:create": "asked for access",
    "application:refuse": "refused a request for access",
    "application:withdraw": "took back a request for access",
    "block:fold": "folded entries into sealed blocks",
    "campaign:close": "closed an open link",
    "campaign:open": "opened a link by which several can join",
    "code:issue": "issued enrolment codes",
    "cohort:save": "saved a cohort",
    "consent:begin": "put the first consent form into force with a new instance",
    "consent:copy": "made the signed copy of a consent",
    "consent:countersign": "countersigned a consent for the clinic",
    "consent:drop": "let a proposed consent form fall",
    "consent:give": "gave consent",
    "consent:propose": "proposed a version of the consent form",
    "consent:put": "put a version of the consent form into force as the second person",
    "consent:renew": "gave consent to a new version",
    "course:print": "printed a summary of their own diary",
    "data:count": "opened everything and counted it",
    "desk:certify": "had a paper about a participant signed by custody",
    "desk:fault": "met entries that could not be opened",
    "desk:open": "had a participant's entries opened for a purpose",
    "desk:refuse": "was refused a participant's entries",
    "device:add": "gave a device a submit-only token",
    "enrolment:claim": "claimed an enrolment code",
    "enrolment:erase": "destroyed the keys of an enrolment",
    "enrolment:import": "made an enrolment from a file",
    "entry:quarantine": "set aside an entry that could not be opened",
    "entry:retry": "gave entries that were set aside another try",
    "entry:submit": "submitted an entry",
    "factor:add": "added a factor to their sign-in",
    "factor:remove": "removed a factor from their sign-in",
    "factor:rename": "named a factor of their sign-in",
    "grant:approve": "approved a researcher for a purpose",
    "grant:end": "ended an approval",
    "grant:renew": "renewed an approval",
    "grant:resume": "resumed an approval",
    "grant:suspend": "suspended an approval",
    "key:publish": "published the key to which intake seals",
    "key:rewrap": "wrapped a seed under the current key",
    "key:rotate": "replaced the key-encryption key and the transport pair",
    "keyring:claim": "put the wrapped seeds of an enrolment into the keyring",
    "ledger:open": "opened results for which the ledger of a project was charged",
    "ledger:refuse": "asked for more results than the ledger of a project lets it see",
    "mail:send": "sent a mail about a safety alert that waits",
    "message:read": "read messages",
    "message:send": "sent a message",
    "passphrase:change": "changed their passphrase",
    "pause:begin": "paused their diary",
    "pause:end": "went on with their diary",
    "protocol:amend": "put a new version of the study document into force",
    "recovery:renew": "made new recovery codes",
    "release:make": "made a release",
    "release:take": "downloaded a release",
    "reminder:change": "chose how and when they are reminded",
    "reminder:end": "came to the end of a reminder: sent, dropped or failed",
    "report:ask": "asked for a report of a cohort",
    "report:give_up": "did not make a report, because its approval or its snapshot had ended",
    "report:make": "made a report of a cohort",
    "report:take": "downloaded a report of a cohort",
    "reset:ask": "asked for new words for a participant",
    "reset:cancel": "stopped new words for a participant",
    "reset:code": "handed out a code for new words",
    "reset:complete": "put a participant's new words into place",
    "reset:confirm": "confirmed as the second person that a participant needs new words",
    "reset:expire": "found a request for new words lapsed",
    "reset:take": "took new words with a code",
    "reset:wait": "began to count the day before new words",
    "review:allow": "allowed a project to open more than its ledger holds, once",
    "review:ask": "asked for a review of the ledger of a project",
    "review:exceed": "was refused what a review had allowed, because more was opened meanwhile",
    "review:open": "opened what a review had allowed",
    "review:refuse": "refused a review of the ledger of a project",
    "review:withdraw": "took back a request for a review of the ledger",
    "session:end": "signed out",
    "session:fresh": "showed a second factor again",
    "session:open": "typed their words in a session that a passkey began",
    "session:refuse": "was refused at sign-in",
    "session:start": "signed in",
    "site:create": "made a site",
    "site:mail": "set whom a site's waiting alerts are mailed to",
    "site:rename": "gave a site another name",
    "snapshot:publish": "published a snapshot",
    "snapshot:rewrite": "wrote a snapshot anew without people who were erased",
    "subject:add": "gave newcomers their places among the subjects",
    "subject:code": "gave subjects their codes in a project",
    "visit:begin": "said what they read a participant's entries for",
    "withdrawal:complete": "completed a withdrawal",
    "withdrawal:hasten": "let an erasure go on that waited for the clinic",
    "withdrawal:request": "withdrew",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the room they act in, what they are (a role, "command", "worker") and their id or name there."""

    room: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the trail. `detail` holds codes and counts only.

    Raises `ValueError` for an unknown action: an action without a line in `ACTIONS` cannot be told to the auditor.
    """

    actor: Actor
    action: str
    object_kind: str
    object_id: str
    detail: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"unknown audit action {self.action}")
