"""Make the clinic room."""

from flask import Flask

from studyportal.clinic.adherence.views import adherence
from studyportal.clinic.alerts.views import alerts
from studyportal.clinic.countersigning.views import countersigning
from studyportal.clinic.desk import install_desk, over_socket
from studyportal.clinic.enrolment.views import enrolment
from studyportal.clinic.messages.views import messages
from studyportal.clinic.resets.views import resets
from studyportal.clinic.settings import ClinicSettings
from studyportal.clinic.timeline.views import timeline
from studyportal.clinic.visit_report.views import visit_report
from studyportal.clinic.visits.views import visits
from studyportal.clinic.worklist.views import worklist
from studyportal.clinic.writing.views import forms
from studyportal.protocol import load_protocol
from studyportal.web.notices import notices
from studyportal.web.room import make_room
from studyportal.web.sign_in.views import sign_in_pages, staff_visitor
from studyportal.web.verifying.views import verifying_pages


def create_app(settings: ClinicSettings) -> Flask:
    """The clinic's application. Raises `Unsafe` for unfit settings, `ProtocolMistakes` for an unfit protocol."""
    app = make_room(
        "clinic",
        settings,
        load_protocol(settings.protocol),
        [
            worklist,
            adherence,
            alerts,
            countersigning,
            enrolment,
            forms,
            messages,
            resets,
            timeline,
            visit_report,
            visits,
            notices,
            sign_in_pages("registry", home="worklist.today"),
            verifying_pages("registry", custody=settings.custody_public),
        ],
        visitor_of=staff_visitor("registry"),
        nav=(
            ("worklist.today", "Today"),
            ("adherence.participants", "Participants"),
            ("alerts.show", "Alerts"),
            ("messages.inbox", "Messages"),
            ("enrolment.show", "Enrolment"),
        ),
    )
    install_desk(app, over_socket(settings.desk))
    return app
