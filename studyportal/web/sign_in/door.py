"""Everything that a sign-in needs to know of the room at whose door somebody stands."""

from dataclasses import dataclass, field

from studyportal.web.sign_in.passkeys import Party


@dataclass(frozen=True, slots=True)
class Door:
    """One room's door: whose accounts, which keys, and from where somebody comes.

    `room_key` is the room's secret key: it keys the counts of tries and the hashes of recovery codes, and what
    authenticator apps share is sealed under it. `address` is the caller's network address.
    """

    bind: str
    room: str
    room_key: str = field(repr=False)
    party: Party
    address: str | None
