"""Who may do what, whose it may be, and how fresh the sign-in must be: the one table that every room obeys.

A page without a line here keeps its room from starting, and so does a line without a page. The table is printed in
docs/access.md; a test walks every line as every role, at the own site and at another.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# Every role that a rule may name, with the words that a page shows for it. "public" is everybody and nobody.
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "administrator": "Administrator",
        "auditor": "Auditor",
        "clinician": "Clinician",
        "coordinator": "Coordinator",
        "custodian": "Data custodian",
        "device": "Device",
        "participant": "Participant",
        "public": "",
        "researcher": "Researcher",
    }
)

# Whose things a page reaches. Somebody else's are not there (404), whatever the role.
REACHES: Mapping[str, str] = MappingProxyType(
    {
        "nobody's": "what everybody may see",
        "own": "the caller's own",
        "own site's": "people of the caller's site",
        "own project's": "a project that custody approved for the caller",
        "the study's": "the whole study",
    }
)


class Rule(NamedTuple):
    """`roles` may do `act` to what `reach` (of REACHES) says; if `fresh`, soon after they showed who they are."""

    roles: frozenset[str]
    reach: str
    act: str
    fresh: bool = False


def public(act: str) -> Rule:
    """A rule that lets in everybody."""
    return Rule(frozenset({"public"}), "nobody's", act)


def rule(roles: str, reach: str, act: str, *, fresh: bool = False) -> Rule:
    """A rule; `roles` are separated by spaces."""
    return Rule(frozenset(roles.split()), reach, act, fresh)


def _notices() -> dict[str, Rule]:
    return {
        "notices.accessibility": public("read the accessibility statement"),
        "notices.help": public("read the help"),
        "notices.privacy": public("read the privacy notice"),
        "notices.status": public("see which parts of the room answer"),
        "verifying.paper": public("verify a paper"),
    }


def staff_pages(roles: str) -> dict[str, Rule]:
    """What each room with staff has."""
    return {
        "asset": public("load styles, scripts and pictures"),
        "sign_in.sign_in": public("sign in"),
        "sign_in.second": public("show a second factor after the passphrase"),
        "sign_in.ask_passkey": public("be asked for a passkey"),
        "sign_in.passkey": public("sign in by passkey"),
        "sign_in.welcome": public("follow an invitation"),
        "sign_in.welcome_factor": public("choose a second factor on an invitation"),
        "sign_in.welcome_passkey": public("make a passkey on an invitation"),
        "sign_in.step_up": rule(roles, "own", "show a second factor again"),
        "sign_in.sign_out": rule(roles, "own", "sign out"),
        "sign_in.own": rule(roles, "own", "see how they sign in"),
        "sign_in.add_app": rule(roles, "own", "add an authenticator app", fresh=True),
        "sign_in.add_passkey": rule(roles, "own", "add a passkey", fresh=True),
        "sign_in.new_passkey": rule(roles, "own", "make a passkey", fresh=True),
        "sign_in.rename_factor": rule(roles, "own", "name a factor"),
        "sign_in.remove_factor": rule(roles, "own", "remove a factor", fresh=True),
        "sign_in.renew_codes": rule(roles, "own", "make new recovery codes", fresh=True),
        "sign_in.change_passphrase": rule(roles, "own", "change their passphrase", fresh=True),
        "sign_in.list_sessions": rule(roles, "own", "see where they are signed in"),
        "sign_in.end_session": rule(roles, "own", "end one of their sessions"),
        "sign_in.end_sessions": rule(roles, "own", "end all of their sessions"),
    }


_CLINIC = "clinician coordinator"
_CUSTODY = "administrator auditor custodian"

# room -> endpoint -> rule
ACCESS: Mapping[str, Mapping[str, Rule]] = {
    "intake": {
        **_notices(),
        "asset": public("load styles, scripts and pictures"),
        "api.add": public("give an app a token that can only send"),
        "api.own_enrolment": rule("device", "own", "ask when something is due"),
        "api.protocol": public("read the study document"),
        "api.send_entry": rule("device", "own", "send an entry from an app"),
        "consent.own": rule("participant", "own", "see what they agreed to"),
        "consent.read": public("read the consent form"),
        "consent.screen": rule("participant", "own", "answer the first questions again"),
        "consent.sign": public("sign the consent form"),
        "consent.sign_later": rule("participant", "own", "sign what was not signed yet"),
        "correcting.ask": rule("participant", "own", "see what can be put right in an entry"),
        "correcting.correct": rule("participant", "own", "put an entry right"),
        "course.check": rule("participant", "own", "check a receipt"),
        "course.download": rule("participant", "own", "download everything that is known of them"),
        "course.table": rule("participant", "own", "download their answers as a table"),
        "course.entry": rule("participant", "own", "read one of their entries"),
        "course.follow": rule("participant", "own", "choose what an entry follows"),
        "course.own": rule("participant", "own", "read their own course"),
        "course.picture": rule("participant", "own", "see their own course as a picture"),
        "course.receipt": rule("participant", "own", "keep a receipt"),
        "diary.answer": rule("participant", "own", "send an entry"),
        "diary.ask": rule("participant", "own", "fill in an entry"),
        "diary.former": rule("participant", "own", "take over what the entry before says"),
        "diary.today": public("see what is due, or what this place is"),
        "enrolment.end_session": rule("participant", "own", "end a session or a device"),
        "enrolment.sessions": rule("participant", "own", "see where they are signed in"),
        "enrolment.sign_in": public("sign in"),
        "enrolment.sign_out": rule("participant", "own", "sign out"),
        "joining.join": public("type an enrolment code"),
        "joining.follow_link": public("go on from an open link"),
        "joining.link": public("look at an open link"),
        "joining.screen": public("answer the first questions"),
        "joining.take_code": public("have an enrolment code looked at"),
        "messages.own": rule("participant", "own", "read their messages"),
        "messages.send": rule("participant", "own", "write to the clinic"),
        "offline.add": rule("participant", "own", "let this browser send what it keeps"),
        "offline.ask": public("an empty form, for a phone to keep"),
        "offline.contents": public("see what a phone keeps"),
        "offline.due": rule("participant", "own", "ask what will be due"),
        "offline.manifest": public("put the diary on a home screen"),
        "offline.send": rule("device", "own", "send a form that a phone kept"),
        "offline.today": public("see what this phone keeps"),
        "offline.worker": public("load the script that works without a network"),
        "papers.copy": rule("participant", "own", "keep the signed copy of their consent"),
        "papers.receipt": rule("participant", "own", "keep the receipt of their consent"),
        "passkeys.ask": public("be asked for a passkey"),
        "passkeys.begin": rule("participant", "own", "begin to add a passkey"),
        "passkeys.make": rule("participant", "own", "add a passkey"),
        "passkeys.remove": rule("participant", "own", "remove a passkey"),
        "passkeys.request_for": rule("participant", "own", "make a passkey"),
        "passkeys.sign_in": public("sign in by passkey"),
        "passkeys.words": rule("participant", "own", "type their six words before they read"),
        "pausing.begin": rule("participant", "own", "pause their diary"),
        "pausing.choose": rule("participant", "own", "see what a pause does"),
        "pausing.end": rule("participant", "own", "go on after a pause"),
        "reminders.choose": rule("participant", "own", "say when and of what they are reminded"),
        "reminders.end": rule("participant", "own", "end reminders by mail or in a browser"),
        "reminders.end_feed": rule("participant", "own", "end their calendar address"),
        "reminders.feed": public("fetch the calendar behind a secret address"),
        "reminders.keep_address": rule("participant", "own", "be reminded by mail"),
        "reminders.keep_browser": rule("participant", "own", "be reminded in this browser"),
        "reminders.make_feed": rule("participant", "own", "make a calendar address"),
        "reminders.own": rule("participant", "own", "see how they are reminded"),
        "renewal.read": rule("participant", "own", "read a new version of the consent form"),
        "renewal.sign": rule("participant", "own", "sign a new version of the consent form"),
        "resets.ask": public("see what to do about lost words"),
        "resets.done": public("see that new words are on their way"),
        "resets.keep": public("take new words with a code"),
        "resets.show": public("have a code for new words looked at"),
        "resets.stop": rule("participant", "own", "stop new words that they did not ask for"),
        "withdrawal.at_once": rule("participant", "own", "wait no longer for the clinic with an erasure"),
        "summary.make": rule("participant", "own", "print a summary of their own course"),
        "switching.choose": public("choose the language of the pages"),
        "withdrawal.certificate": rule("participant", "own", "keep the certificate of an erasure"),
        "withdrawal.choose": rule("participant", "own", "see how they can leave"),
        "withdrawal.confirm": rule("participant", "own", "withdraw"),
        "withdrawal.explain": rule("participant", "own", "see what a withdrawal does"),
        "withdrawal.gone": public("see that the answers are gone"),
    },
    "clinic": {
        **_notices(),
        **staff_pages(_CLINIC),
        "adherence.find": rule(_CLINIC, "own site's", "find a participant by code"),
        "adherence.participant": rule(_CLINIC, "own site's", "see which diaries came"),
        "adherence.participants": rule(_CLINIC, "own site's", "list participants"),
        "alerts.acknowledge": rule("clinician", "own site's", "take on an alert"),
        "alerts.act": rule("clinician", "own site's", "write down what was done about an alert"),
        "alerts.close": rule("clinician", "own site's", "close an alert"),
        "alerts.hand_over": rule("clinician", "own site's", "hand an alert over to a colleague"),
        "alerts.look": rule(_CLINIC, "own site's", "look at an alert"),
        "alerts.note": rule("clinician", "own site's", "add a note to an alert"),
        "alerts.open_": rule("clinician", "own site's", "open what an alert says"),
        "alerts.read_of_erasure": rule("clinician", "own site's", "say that they read of an erased alert"),
        "alerts.show": rule(_CLINIC, "own site's", "list alerts"),
        "countersigning.ask": rule(_CLINIC, "own site's", "look at a consent that waits for a clinician"),
        "countersigning.sign": rule("clinician", "own site's", "countersign a consent", fresh=True),
        "enrolment.close": rule("coordinator", "own site's", "close an open link"),
        "enrolment.codes": rule("coordinator", "own site's", "give out enrolment codes"),
        "enrolment.links": rule("coordinator", "own site's", "open a link by which several can join"),
        "enrolment.log_file": rule(_CLINIC, "own site's", "download the enrolment log"),
        "enrolment.show": rule(_CLINIC, "own site's", "read the enrolment log"),
        "forms.answer": rule(_CLINIC, "own site's", "write an entry about a participant"),
        "forms.ask": rule(_CLINIC, "own site's", "fill in a form of the clinic, or a diary by phone"),
        "forms.choose": rule(_CLINIC, "own site's", "see what the clinic can write about a participant"),
        "messages.conversation": rule(_CLINIC, "own site's", "read the messages with a participant"),
        "messages.inbox": rule(_CLINIC, "own site's", "list messages"),
        "messages.send": rule(_CLINIC, "own site's", "write to a participant"),
        "resets.ask": rule(_CLINIC, "own site's", "ask for new words for a participant", fresh=True),
        "resets.code": rule(_CLINIC, "own site's", "hand out a code for new words", fresh=True),
        "resets.confirm": rule(_CLINIC, "own site's", "confirm new words as the second person", fresh=True),
        "resets.look": rule(_CLINIC, "own site's", "look at a request for new words"),
        "resets.show": rule(_CLINIC, "own site's", "list requests for new words"),
        "resets.stop": rule(_CLINIC, "own site's", "stop a request for new words"),
        "timeline.picture": rule(_CLINIC, "own site's", "see a participant's course as a picture"),
        "timeline.show": rule(_CLINIC, "own site's", "read a participant's course"),
        "visit_report.make": rule("clinician", "own site's", "make a visit report"),
        "worklist.find": rule(_CLINIC, "own site's", "see what one participant needs"),
        "worklist.today": rule(_CLINIC, "own site's", "see who needs something today"),
        "visits.begin": rule(_CLINIC, "own site's", "say what they read for"),
    },
    "custody": {
        **_notices(),
        **staff_pages(_CUSTODY),
        "approvals.approve": rule("custodian", "the study's", "approve a researcher", fresh=True),
        "approvals.look": rule("custodian", "the study's", "read a request for access"),
        "approvals.refuse": rule("custodian", "the study's", "refuse a researcher", fresh=True),
        "approvals.show": rule("custodian", "the study's", "list requests for access"),
        "approvals.terms": rule("custodian", "the study's", "see what an approval would say"),
        "grants.change": rule("custodian", "the study's", "suspend, resume, renew or end an approval", fresh=True),
        "grants.look": rule("custodian", "the study's", "read an approval and its history"),
        "grants.show": rule("custodian", "the study's", "list approvals and who signed"),
        "consent_forms.decide": rule("custodian", "the study's", "put a consent form into force", fresh=True),
        "consent_forms.drop": rule("custodian", "the study's", "let a proposed consent form fall", fresh=True),
        "consent_forms.propose": rule("custodian", "the study's", "propose a consent form", fresh=True),
        "consent_forms.show": rule("custodian", "the study's", "see which consent form is in force"),
        "codes.show": rule("custodian", "the study's", "issue enrolment codes"),
        "overview.show": rule(_CUSTODY, "the study's", "come to their first page"),
        "reconcile.show": rule("custodian", "the study's", "count what came against what opens"),
        "reviews.allow": rule("custodian", "the study's", "allow a project more than its ledger holds", fresh=True),
        "reviews.look": rule("custodian", "the study's", "read a request for a review of the ledger"),
        "reviews.refuse": rule("custodian", "the study's", "refuse a review of the ledger", fresh=True),
        "reviews.show": rule("custodian", "the study's", "list reviews of the ledger"),
        "sites.add": rule("administrator", "the study's", "make a site", fresh=True),
        "sites.change": rule("administrator", "the study's", "name a site and say whom it wants mailed", fresh=True),
        "sites.show": rule("administrator", "the study's", "list the sites"),
        "snapshots.show": rule("custodian", "the study's", "publish a snapshot"),
        "staff.end": rule("administrator", "the study's", "end a colleague's account", fresh=True),
        "staff.end_sessions": rule("administrator", "the study's", "sign a colleague out everywhere", fresh=True),
        "staff.invite": rule("administrator", "the study's", "invite somebody new", fresh=True),
        "staff.invite_again": rule("administrator", "the study's", "invite somebody again", fresh=True),
        "staff.look": rule("administrator", "the study's", "see how a colleague's account stands"),
        "staff.show": rule("administrator", "the study's", "list the staff"),
        "staff.take_back": rule("administrator", "the study's", "take an invitation back", fresh=True),
        "trail.show": rule("auditor custodian", "the study's", "verify and read the audit trail"),
        "withdrawals.certificate": rule("custodian", "the study's", "keep the certificate of an erasure"),
        "withdrawals.show": rule("custodian", "the study's", "list withdrawals"),
    },
    "research": {
        **_notices(),
        **staff_pages("researcher"),
        "access.ask": rule("researcher", "own", "ask for access"),
        "access.projects": rule("researcher", "own", "see their projects and requests"),
        "agreements.read": rule("researcher", "own", "read the data-use agreement of a project"),
        "agreements.sign": rule("researcher", "own", "sign the data-use agreement", fresh=True),
        "project.cohorts.attrition_file": rule("researcher", "own project's", "download how a cohort came about"),
        "project.cohorts.open_results": rule("researcher", "own project's", "open results of a cohort"),
        "project.cohorts.picture_file": rule(
            "researcher", "own project's", "download the picture of a protected table"
        ),
        "project.cohorts.save": rule("researcher", "own project's", "save a cohort"),
        "project.cohorts.say_price": rule("researcher", "own project's", "be told the price of results"),
        "project.cohorts.show": rule("researcher", "own project's", "look at a cohort"),
        "project.cohorts.table_file": rule("researcher", "own project's", "download a protected table"),
        "project.releases.made": rule("researcher", "own project's", "list releases"),
        "project.releases.make": rule("researcher", "own project's", "make a release"),
        "project.releases.new": rule("researcher", "own project's", "choose what a release holds"),
        "project.releases.package": rule("researcher", "own project's", "download a release"),
        "project.saved.beside": rule("researcher", "own project's", "look at two cohorts side by side"),
        "project.saved.every": rule("researcher", "own project's", "list cohorts"),
        "project.saved.look": rule("researcher", "own project's", "look at a saved cohort"),
        "project.saved.open_both": rule("researcher", "own project's", "open results of two cohorts"),
        "project.saved.open_saved": rule("researcher", "own project's", "open a saved cohort"),
        "project.snapshot.codebook_file": rule("researcher", "own project's", "download the codebook of a snapshot"),
        "project.consents.file": rule("researcher", "own project's", "download consent records"),
        "project.consents.paper": rule("researcher", "own project's", "download the consent register"),
        "project.consents.picture_file": rule("researcher", "own project's", "download consent records as a picture"),
        "project.consents.show": rule("researcher", "own project's", "see who agreed to what, and how many left"),
        "project.reports.ask": rule("researcher", "own project's", "ask for the report of a cohort"),
        "project.reports.look": rule("researcher", "own project's", "see how far a report is"),
        "project.reports.made": rule("researcher", "own project's", "list reports"),
        "project.reports.paper": rule("researcher", "own project's", "download a report"),
        "project.reviews.ask": rule("researcher", "own project's", "ask for a review of the ledger"),
        "project.reviews.every": rule("researcher", "own project's", "list their reviews of the ledger"),
        "project.reviews.look": rule("researcher", "own project's", "see what became of a review of the ledger"),
        "project.reviews.open_it": rule("researcher", "own project's", "open what a review allowed"),
        "project.reviews.withdraw": rule("researcher", "own project's", "take back a request for a review"),
        "project.snapshot.show": rule("researcher", "own project's", "see what the snapshot holds"),
        "requests.amend": rule("researcher", "own", "change a request that waits"),
        "requests.look": rule("researcher", "own", "read one of their requests"),
        "requests.withdraw": rule("researcher", "own", "take back a request that waits"),
    },
}
