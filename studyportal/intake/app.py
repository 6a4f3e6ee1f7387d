"""Make the intake room."""

from flask import Flask

from studyportal.intake.consent.papers import papers
from studyportal.intake.consent.renewal import renewal
from studyportal.intake.consent.views import consent
from studyportal.intake.course.correcting import correcting
from studyportal.intake.course.views import course
from studyportal.intake.diary.api import api
from studyportal.intake.diary.signing import install_signer
from studyportal.intake.enrolment.passkey_views import passkeys
from studyportal.intake.enrolment.views import enrolment
from studyportal.intake.enrolment.visitors import intake_visitor
from studyportal.intake.enrolment.whose import keeping_for, may_read
from studyportal.intake.joining.views import joining
from studyportal.intake.messages.views import messages
from studyportal.intake.offline.views import offline
from studyportal.intake.pausing.views import pausing
from studyportal.intake.reminders.views import reminders
from studyportal.intake.resets.telling import install_telling
from studyportal.intake.resets.views import resets
from studyportal.intake.settings import IntakeSettings
from studyportal.intake.summary.views import summary
from studyportal.intake.today.views import diary
from studyportal.intake.withdrawal.views import withdrawal
from studyportal.protocol import load_protocol
from studyportal.saying import said
from studyportal.web.languages import known_languages
from studyportal.web.notices import notices
from studyportal.web.room import make_room
from studyportal.web.switching import switching
from studyportal.web.verifying.views import verifying_pages

NAV = (
    ("diary.today", said("Today")),
    ("course.own", said("My diary")),
    ("messages.own", said("Messages")),
    ("consent.own", said("My consent")),
)


def create_app(settings: IntakeSettings) -> Flask:
    """The intake application. Raises `Unsafe` for unfit settings, `ProtocolMistakes` for an unfit protocol."""
    protocol = load_protocol(settings.protocol)
    app = make_room(
        "intake",
        settings,
        protocol,
        [
            diary,
            api,
            offline,
            joining,
            enrolment,
            passkeys,
            consent,
            renewal,
            papers,
            course,
            correcting,
            summary,
            pausing,
            withdrawal,
            messages,
            reminders,
            resets,
            notices,
            switching,
            verifying_pages("registry", custody=settings.custody_public),
        ],
        spoken=[load_protocol(settings.protocol, language=language) for language in protocol.languages[1:]],
        speaks=known_languages(),
        visitor_of=intake_visitor(tuple(protocol.consent.required)),
        nav=NAV,
        sign_in="enrolment.sign_in",
        sign_out="enrolment.sign_out",
        sessions="enrolment.sessions",
        step_up="passkeys.words",
    )
    app.jinja_env.globals.update(keeping_for=keeping_for, may_read=may_read)
    install_telling(app)
    install_signer(app, settings.receipt_seed)
    return app
