"""Set one consent as a paper: what was read, what was chosen, who signed when, and how anybody can check it. Pure."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from studyportal.paper import Facts, Grid, Heading, Paper, Part, Prose, printed
from studyportal.protocol import Protocol
from studyportal.web.words import moment

KIND = "Signed consent"
CHECK = (
    "The participant's signature is made with a key that only their six words yield. It covers the statement below, which"
    " names this text by its SHA-256. Custody checked it before it signed this copy, and its signature is inside this"
    " file: upload the file at the address in the foot, or run studyportal verify."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedConsent:
    """One consent as it was given; `statement` is what `signature` covers, by the key `public`."""

    participant_code: str
    scopes: frozenset[str]
    agreed_at: datetime
    zone: str
    statement: bytes
    signature: bytes
    public: bytes


def consent_paper(consent: SignedConsent, study: Protocol, *, address: str, synthetic: bool) -> bytes:
    """The PDF, not signed yet. `study` is the version and language in which it was read."""
    form, at = study.consent, consent.agreed_at.astimezone(ZoneInfo(consent.zone))
    paper = Paper(
        title=form.title,
        kind=KIND,
        study=study.study.code,
        study_title=study.study.title,
        made_at=at,
        as_of=None,
        address=address,
        synthetic=synthetic,
        language=study.language,
        protection="For the person who signed it.",
    )
    return printed(paper, _parts(consent, study, at))


def _parts(consent: SignedConsent, study: Protocol, at: datetime) -> list[Part]:
    form = study.consent
    rows = tuple((scope.ask, "Yes" if name in consent.scopes else "No") for name, scope in form.scopes.items())
    parts: list[Part] = [
        Facts(
            (
                ("Participant", consent.participant_code),
                ("Consent form", f"Version {form.version}"),
                ("Signed", f"{moment(at, consent.zone)} ({consent.zone})"),
            )
        ),
        Heading("What was agreed to"),
        Grid("Each choice, as it was made when the form was signed.", ("Choice", "Answer"), rows),
        Heading("The text"),
    ]
    for section in form.sections:
        parts.append(Heading(section.heading, level=2))
        # Lines end in the study document where they are long enough, on paper where the page does.
        parts += [Prose(" ".join(paragraph.split())) for paragraph in section.body.split("\n\n")]
    parts += [
        Heading("The signature"),
        Prose(CHECK),
        Facts(
            (
                ("Statement", consent.statement.decode()),
                ("Signature (Ed25519)", _text(consent.signature)),
                ("Public key", _text(consent.public)),
            )
        ),
    ]
    return parts


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
