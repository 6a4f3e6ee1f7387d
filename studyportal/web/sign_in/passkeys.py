"""Passkeys (WebAuthn level 3): what a browser is asked, and whether what it answers holds.

Always with user verification, so that a passkey is two factors in itself; always discoverable, so that nobody types a
name. No attestation: which make of key somebody owns is not our business. That each challenge is used once is for
`challenges`: an authenticator that does not count (0) could otherwise be replayed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

# What fits into no form of ours is no answer of a browser either.
LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Party:
    """For whom a passkey signs: the host name it is bound to, and the address of the pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a passkey."""

    credential: bytes
    public_key: bytes
    uses: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back: which passkey, under which user handle, and all of it for the check."""

    credential: bytes
    handle: UUID | None
    raw: str


def question(challenge: bytes, party: Party) -> str:
    """What the browser is asked at sign-in, as JSON; it offers whatever passkeys it has for this host."""
    options = generate_authentication_options(
        rp_id=party.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def request_for_new(
    challenge: bytes, party: Party, *, handle: UUID, name: str, place: str, known: Sequence[bytes]
) -> str:
    """What the browser is asked in order to make a passkey, as JSON; an authenticator in `known` makes no second one.

    The authenticator keeps `handle`, `name` and `place`, and shows the last two to whoever holds it.
    """
    options = generate_registration_options(
        rp_id=party.host,
        rp_name=place,
        user_id=handle.bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def made(answer: str, *, challenge: bytes, party: Party) -> NewPasskey | None:
    """The passkey that a browser made, or None if the answer does not hold."""
    try:
        found = verify_registration_response(
            credential=answer[:LONGEST],
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count)


def read_answer(answer: str) -> Answer | None:
    """Which passkey an answer speaks for, unchecked; None if it cannot be read."""
    try:
        raw = msgspec.json.decode(answer[:LONGEST], type=_Sent)
        handle = raw.response.userHandle
        return Answer(base64url_to_bytes(raw.id), UUID(bytes=base64url_to_bytes(handle)) if handle else None, answer)
    except (msgspec.MsgspecError, ValueError):
        return None


def uses_after(answer: Answer, *, challenge: bytes, party: Party, public_key: bytes, uses: int) -> int | None:
    """The passkey's new count of uses, or None unless its signature over this challenge holds."""
    try:
        found = verify_authentication_response(
            credential=answer.raw,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    return found.new_sign_count


class _Response(msgspec.Struct):
    userHandle: str | None = None


class _Sent(msgspec.Struct):
    id: str
    response: _Response
