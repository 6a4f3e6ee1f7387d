"""Set one consent as a paper: what was read, what was chosen, who signed when, and how anybody can check it. Pure."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from studyportal.paper import Facts, Grid, Heading, Paper, Part, Prose, printed
from studyportal.protocol import ConsentForm, Protocol
from studyportal.web.words import moment

KIND = "Signed consent"
NAMED = (
    " Of the name it holds a commitment: a hash over the name and 32 random bytes, so that nobody can try names on it."
)
CHECK = (
    "The participant's signature is made with a key that only their six words yield. It covers the statement below, which"
    " names this text by its SHA-256. Custody checked it before it signed this copy, and its signature is inside this"
    " file: upload the file at the address in the foot, or run studyportal verify."
)


@dataclass(frozen=True, slots=True)
class Countersigned:
    """Who signed for the clinic, and when."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedConsent:
    """One consent as it was given; `statement` is what `signature` covers, by the key `public`. `name` is "" where the
    form asks for none."""

    participant_code: str
    scopes: frozenset[str]
    agreed_at: datetime
    zone: str
    statement: bytes
    signature: bytes
    public: bytes
    name: str = field(default="", repr=False)
    countersigned: Countersigned | None = None


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
        Facts(tuple(_signers(consent, form, at))),
        Heading("What was agreed to"),
        Grid("Each choice, as it was made when the form was signed.", ("Choice", "Answer"), rows),
        Heading("The text"),
    ]
    for section in form.sections:
        parts.append(Heading(section.heading, level=2))
        # Lines end in the study document where they are long enough, on paper where the page does.
        parts += [Prose(" ".join(paragraph.split())) for paragraph in section.body.split("\n\n")]
    parts += _questions(form)
    parts += [
        Heading("The signature"),
        Prose(CHECK + (NAMED if consent.name else "")),
        Facts(
            (
                ("Statement", consent.statement.decode()),
                ("Signature (Ed25519)", _text(consent.signature)),
                ("Public key", _text(consent.public)),
            )
        ),
    ]
    return parts


def _signers(consent: SignedConsent, form: ConsentForm, at: datetime) -> Iterator[tuple[str, str]]:
    yield "Participant", consent.participant_code
    if consent.name:
        yield "Name", consent.name
    yield "Consent form", f"Version {form.version}"
    yield "Signed", f"{moment(at, consent.zone)} ({consent.zone})"
    if consent.countersigned is not None:
        signed = consent.countersigned
        yield "Countersigned for the clinic", f"{signed.name}, {moment(signed.at, consent.zone)} ({consent.zone})"


def _questions(form: ConsentForm) -> list[Part]:
    """What was asked about the text, with the right answers: how often somebody tried is not known."""
    if not form.check:
        return []
    rows = tuple((one.ask, one.choices[one.right]) for one in form.check.values())
    caption = "Asked before the choices, and answered rightly before the form could be signed."
    return [Heading("Questions about the text"), Grid(caption, ("Question", "Right answer"), rows)]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
