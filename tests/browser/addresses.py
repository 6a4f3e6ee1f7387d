"""Where each page of the building is, and who can see it: every GET rule of every room, or why it is no page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """Somebody of this role opens `path` (in which {link} is the secret of an open link) and then, if given, follows
    the first link whose address matches each of `links`."""

    role: str
    path: str
    links: tuple[str, ...] = ()


def _visits(role: str, path: str, *links: str) -> tuple[Visit, ...]:
    return (Visit(role, path, links),)


def _project(*links: str) -> tuple[Visit, ...]:
    return _visits("researcher", "/", 'a[href^="/projects/"]', *links)


# (room, endpoint) -> how people come to see it.
PAGES: dict[tuple[str, str], tuple[Visit, ...]] = {
    ("intake", "diary.today"): (Visit("nobody", "/"), Visit("participant", "/"), Visit("erased", "/")),
    ("intake", "diary.ask"): _visits("participant", "/", 'a[href="/diary/dose"]'),
    ("intake", "course.own"): _visits("participant", "/course"),
    ("intake", "course.entry"): _visits("participant", "/course", 'a[href^="/entries/"]'),
    ("intake", "correcting.ask"): _visits("participant", "/course", 'a[href^="/entries/"]', 'a[href$="/correct"]'),
    ("intake", "course.follow"): _visits("participant", "/follow/follow_up"),
    ("intake", "course.check"): _visits("participant", "/check"),
    ("intake", "summary.make"): _visits("participant", "/course/summary"),
    ("intake", "offline.today"): (Visit("nobody", "/offline/today"), Visit("participant", "/offline/today")),
    ("intake", "offline.ask"): _visits("nobody", "/offline/diary/evening"),
    ("intake", "pausing.choose"): _visits("participant", "/pause"),
    ("intake", "consent.own"): _visits("participant", "/consent"),
    ("intake", "renewal.read"): _visits("participant", "/consent/new"),
    ("intake", "resets.ask"): _visits("nobody", "/new-words/"),
    ("intake", "resets.done"): _visits("nobody", "/new-words/done"),
    ("intake", "messages.own"): _visits("participant", "/messages/"),
    ("intake", "joining.join"): _visits("nobody", "/join"),
    ("intake", "joining.link"): _visits("nobody", "/join/c/{link}"),
    ("intake", "enrolment.sign_in"): _visits("nobody", "/sign-in"),
    ("intake", "enrolment.sessions"): _visits("participant", "/sessions"),
    ("intake", "passkeys.begin"): _visits("participant", "/passkeys/new"),
    ("intake", "reminders.own"): _visits("participant", "/reminders"),
    ("intake", "withdrawal.choose"): (Visit("participant", "/leave"), Visit("erased", "/leave")),
    ("intake", "withdrawal.explain"): _visits("participant", "/leave", 'a[href="/leave/study/erase"]'),
    ("intake", "withdrawal.gone"): _visits("nobody", "/gone"),
    ("clinic", "worklist.today"): _visits("clinician", "/"),
    ("clinic", "adherence.participants"): _visits("clinician", "/participants/"),
    ("clinic", "adherence.participant"): _visits("clinician", "/participants/", 'tbody a[href^="/participants/"]'),
    ("clinic", "timeline.show"): _visits(
        "clinician", "/participants/", 'tbody a[href^="/participants/"]', 'a[href$="/timeline"]'
    ),
    ("clinic", "visits.begin"): _visits(
        "clinician", "/participants/", 'tbody a[href^="/participants/"]', 'a[href$="/timeline"]', 'a[href*="/visit?"]'
    ),
    ("clinic", "visit_report.make"): _visits(
        "clinician", "/participants/", 'tbody a[href^="/participants/"]', 'a[href$="/visit-report"]'
    ),
    ("clinic", "alerts.show"): _visits("clinician", "/alerts/"),
    ("clinic", "alerts.look"): _visits("clinician", "/alerts/", 'tbody a[href^="/alerts/"]'),
    ("clinic", "forms.choose"): _visits(
        "clinician", "/participants/", 'tbody a[href^="/participants/"]', 'a[href$="/forms"]'
    ),
    ("clinic", "forms.ask"): _visits(
        "clinician",
        "/participants/",
        'tbody a[href^="/participants/"]',
        'a[href$="/forms"]',
        'tbody a[href*="/forms/"]',
    ),
    ("clinic", "resets.show"): _visits("clinician", "/resets/"),
    ("clinic", "resets.look"): _visits("clinician", "/resets/", 'tbody a[href^="/resets/"]'),
    ("clinic", "resets.ask"): _visits(
        "clinician", "/participants/", 'tbody a[href^="/participants/"]', 'a[href^="/resets/new/"]'
    ),
    ("clinic", "enrolment.show"): _visits("coordinator", "/enrolment/"),
    ("clinic", "enrolment.codes"): _visits("coordinator", "/enrolment/codes"),
    ("clinic", "enrolment.links"): _visits("coordinator", "/enrolment/links"),
    ("clinic", "messages.inbox"): _visits("clinician", "/messages/"),
    ("clinic", "messages.conversation"): _visits("clinician", "/messages/", 'main a[href^="/messages/"]'),
    ("clinic", "sign_in.list_sessions"): _visits("clinician", "/sessions"),
    ("clinic", "sign_in.own"): _visits("clinician", "/your-sign-in"),
    ("clinic", "sign_in.rename_factor"): _visits("clinician", "/your-sign-in", 'a[href^="/your-sign-in/factors/"]'),
    ("clinic", "sign_in.sign_in"): _visits("nobody", "/sign-in"),
    ("clinic", "sign_in.step_up"): _visits("clinician", "/step-up?next=/"),
    ("clinic", "sign_in.welcome"): _visits("nobody", "/welcome"),
    ("custody", "overview.show"): (Visit("custodian", "/"), Visit("auditor", "/")),
    ("custody", "approvals.show"): _visits("custodian", "/requests/"),
    ("custody", "approvals.look"): _visits("custodian", "/requests/", 'h2 a[href^="/requests/"]'),
    ("custody", "grants.show"): _visits("custodian", "/approvals/"),
    ("custody", "grants.look"): _visits("custodian", "/approvals/", 'a[href^="/approvals/"]:not([href="/approvals/"])'),
    ("custody", "grants.change"): _visits(
        "custodian", "/approvals/", 'a[href^="/approvals/"]:not([href="/approvals/"])', 'a[href$="/suspend"]'
    ),
    ("custody", "reviews.show"): _visits("custodian", "/reviews/"),
    ("custody", "reviews.look"): _visits("custodian", "/reviews/", 'h2 a[href^="/reviews/"]'),
    ("custody", "reviews.allow"): _visits("custodian", "/reviews/", 'h2 a[href^="/reviews/"]', 'a[href$="/allow"]'),
    ("custody", "codes.show"): _visits("custodian", "/codes/"),
    ("custody", "consent_forms.decide"): _visits("custodian", "/consent-forms/", 'main a[href^="/consent-forms/"]'),
    ("custody", "consent_forms.drop"): _visits(
        "custodian", "/consent-forms/", 'main a[href^="/consent-forms/"]', 'a[href$="/drop"]'
    ),
    ("custody", "consent_forms.show"): _visits("custodian", "/consent-forms/"),
    ("custody", "reconcile.show"): _visits("custodian", "/counts/"),
    ("custody", "snapshots.show"): _visits("custodian", "/snapshots/"),
    ("custody", "sites.add"): _visits("administrator", "/sites/new"),
    ("custody", "sites.change"): _visits("administrator", "/sites/", 'tbody a[href^="/sites/"]'),
    ("custody", "sites.show"): _visits("administrator", "/sites/"),
    ("custody", "staff.end"): _visits("administrator", "/staff/", 'tbody a[href^="/staff/"]', 'a[href$="/end"]'),
    ("custody", "staff.invite"): _visits("administrator", "/staff/new"),
    ("custody", "staff.invite_again"): _visits(
        "administrator", "/staff/", 'tbody a[href^="/staff/"]', 'a[href$="/invite"]'
    ),
    ("custody", "staff.look"): _visits("administrator", "/staff/", 'tbody a[href^="/staff/"]'),
    ("custody", "staff.show"): _visits("administrator", "/staff/"),
    ("custody", "trail.show"): _visits("auditor", "/trail/"),
    ("custody", "withdrawals.show"): _visits("custodian", "/withdrawals/"),
    ("custody", "sign_in.list_sessions"): _visits("auditor", "/sessions"),
    ("custody", "sign_in.sign_in"): _visits("nobody", "/sign-in"),
    ("research", "access.projects"): _visits("researcher", "/"),
    ("research", "access.ask"): _visits("researcher", "/ask"),
    ("research", "requests.look"): _visits("researcher", "/", 'a[href^="/requests/"]'),
    ("research", "requests.amend"): _visits("researcher", "/", 'a[href^="/requests/"]', 'a[href$="/amend"]'),
    ("research", "agreements.read"): _visits("researcher", "/", 'a[href^="/agreements/"]'),
    ("research", "project.snapshot.show"): _project(),
    ("research", "project.cohorts.show"): _project('main a[href*="/cohort?show="]'),
    ("research", "project.saved.every"): _project('a[href$="/cohorts"]'),
    ("research", "project.saved.look"): _project('a[href$="/cohorts"]', 'tbody a[href*="/cohorts/"]'),
    ("research", "project.saved.beside"): _project(
        'a[href$="/cohorts"]', 'tbody a[href*="/cohorts/"]', 'a[href*="/cohorts/beside"]'
    ),
    ("research", "project.consents.show"): _project('a[href$="/consents"]'),
    ("research", "project.reports.made"): _project('a[href$="/reports"]'),
    ("research", "project.reports.look"): _project('a[href$="/reports"]', 'tbody a[href*="/reports/"]'),
    ("research", "project.reviews.every"): _project('nav a[href$="/reviews"]'),
    ("research", "project.reviews.look"): _project('nav a[href$="/reviews"]', 'h2 a[href*="/reviews/"]'),
    ("research", "project.reviews.ask"): _project(
        'nav a[href$="/reviews"]',
        'li:nth-child(2) h2 a[href*="/reviews/"]',
        'main a[href*="/cohort?"]',
        'main a[href*="/reviews/ask"]',
    ),
    ("research", "project.releases.made"): _project('a[href$="/releases"]'),
    ("research", "project.releases.new"): _project('a[href$="/releases"]', 'a[href$="/releases/new"]'),
    ("research", "sign_in.list_sessions"): _visits("researcher", "/sessions"),
    ("research", "sign_in.sign_in"): _visits("nobody", "/sign-in"),
}

PAGES |= {
    (room, f"notices.{page}"): _visits("nobody", f"/{page}")
    for room in ("intake", "clinic", "custody", "research")
    for page in ("accessibility", "help", "privacy", "status")
}

PAGES |= {
    (room, "verifying.paper"): _visits("nobody", "/verify") for room in ("intake", "clinic", "custody", "research")
}

# Pages of the sign-in that come soon after another: tests/browser/test_signing_in.py goes through them.
STEPS = ("add_app", "add_passkey", "change_passphrase", "second", "welcome_factor")

# What is sought with GET and is no page of its own.
NO_PAGES: Mapping[tuple[str, str], str] = {
    ("clinic", "alerts.open_"): "asks what for first; then the page of the alert with what it says",
    (
        "clinic",
        "countersigning.ask",
    ): "there only where a study document asks for it: seen in tests/journeys/test_signing.py",
    ("intake", "api.own_enrolment"): "an answer for an app",
    ("intake", "api.protocol"): "an answer for an app",
    ("intake", "diary.former"): "an answer for a script",
    ("intake", "course.download"): "a file",
    ("intake", "course.table"): "a file",
    ("intake", "offline.contents"): "an answer for a script",
    ("intake", "offline.due"): "an answer for a script",
    ("intake", "offline.manifest"): "an answer for a browser",
    ("intake", "offline.worker"): "a script",
    ("intake", "course.picture"): "a picture",
    ("intake", "course.receipt"): "a file",
    ("intake", "passkeys.make"): "a step, seen in test_a_passkey",
    ("intake", "passkeys.words"): "seen in test_a_passkey: it asks only whom a passkey signed in",
    ("intake", "papers.copy"): "a file",
    ("intake", "papers.receipt"): "a file",
    ("intake", "reminders.feed"): "a calendar, for a program",
    ("intake", "withdrawal.certificate"): "a file",
    ("custody", "consent_forms.propose"): "there only while nothing waits; drawn like consent_forms.decide",
    ("clinic", "enrolment.log_file"): "a file",
    ("clinic", "timeline.picture"): "a picture",
    ("custody", "withdrawals.certificate"): "a file",
    ("research", "project.cohorts.attrition_file"): "a file",
    ("research", "project.snapshot.codebook_file"): "a file",
    ("research", "project.cohorts.table_file"): "a file",
    ("research", "project.cohorts.picture_file"): "a file",
    ("research", "project.cohorts.say_price"): "leads to the cohort page",
    ("research", "project.saved.open_saved"): "leads to the cohort page",
    ("research", "project.releases.package"): "a file",
    ("research", "project.consents.file"): "a file",
    ("research", "project.consents.paper"): "a file",
    ("research", "project.consents.picture_file"): "a file",
    ("research", "project.reports.paper"): "a file",
    **{
        (room, f"sign_in.{page}"): "a step, seen in test_signing_in"
        for room in ("clinic", "custody", "research")
        for page in STEPS
    },
    **{
        (room, f"sign_in.{page}"): "as in the clinic"
        for room in ("custody", "research")
        for page in ("own", "rename_factor", "step_up", "welcome")
    },
    **{(room, "asset"): "styles, scripts and pictures" for room in ("intake", "clinic", "custody", "research")},
}
