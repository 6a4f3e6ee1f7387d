"""Sign a new version of the consent form, for somebody who takes part. Nothing is taken over from what they chose
before.

Whoever does not sign goes on or pauses, as the study document says, and can leave at any time.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, NotSignedIn
from studyportal.intake.consent.actions import OTHER_TEXT, renew_consent
from studyportal.intake.consent.forms import chosen_scopes, given_name, is_check_alone, is_signed, signing_form
from studyportal.intake.enrolment import sign_in as signing_in
from studyportal.intake.enrolment.awaiting import awaited, waits
from studyportal.intake.enrolment.visitors import caller
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consents import consent_records
from studyportal.saying import said
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.translating import tell

renewal = Blueprint("renewal", __name__)

SIGNED = said("Signed. Your receipt is here now; a signed copy follows.")
_OTHER_WORDS = said("These are not your six words. Look at your sheet and type them again.")


@renewal.get("/consent/new")
def read() -> str | Response:
    """The new version, and the form to sign it; nothing to see for somebody who has signed it."""
    with reading("registry", enrolment=caller().enrolment) as connection:
        study = awaited(connection, caller().enrolled)
    if study is None:
        return redirect(url_for("consent.own"), 303)
    return _page(signing_form(study.consent, None, zone=caller().enrolled.zone), study)


@renewal.post("/consent/new")
def sign() -> Response:
    """Record the signature, once the six words are typed."""
    found, place, now = caller(), here(), clock.now()
    shown = study_with_text(place.spoken, {request.form.get("text", "")})
    if shown is None:
        raise Conflict(OTHER_TEXT)
    text, zone = shown.consent, found.enrolled.zone
    form = signing_form(text, request.form, zone=zone)
    if is_check_alone(form, text, request.form):
        return make_response(_page(form, shown), 422 if form.errors else 200)
    if is_signed(form, text):
        try:
            _, root = signing_in.recognise(
                found.participant_code,
                form["passphrase"].data,
                address=request.remote_addr,
                secret=place.settings.secret_key,
                now=now,
            )
        except NotSignedIn:
            show_problems(form, {"passphrase": _OTHER_WORDS})
        else:
            renew_consent(
                found.enrolment,
                text,
                chosen_scopes(form, text),
                study=place.protocol.study.code,
                zone=zone,
                consent_key=root.consent_key,
                required=place.protocol.consent.required,
                now=now,
                name=given_name(form, text),
            )
            tell(SIGNED)
            return redirect(url_for("consent.own"), 303)
    return make_response(_page(form, shown), 422)


def _page(form, study: Protocol) -> str:  # type: ignore[no-untyped-def]
    with reading("registry", enrolment=caller().enrolment) as connection:
        last = next(iter(consent_records(connection, caller().enrolment)), None)
    return render_template(
        "intake/renew_consent.html",
        form=form,
        text=study.consent,
        language=study.language,
        waits=waits(study),
        last=last,
    )
