"""Sign this room's papers: with the key that signs its releases, under a label of its own, certified by custody."""

from studyportal.paper import Certificate, signed
from studyportal.paper.signing import LABELS
from studyportal.research.holdings import Holdings
from studyportal.sealing.signatures import public_of, sign

(LABEL,) = LABELS["research"]


def signed_paper(pdf: bytes, held: Holdings) -> bytes:
    """The paper with this room's signature, which anybody can verify who has custody's public key."""
    certificate = Certificate(public_of(held.export_key), held.export_certificate)
    return signed(pdf, lambda digest: sign(LABEL, digest, key=held.export_key), by="research", certificate=certificate)
