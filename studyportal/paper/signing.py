"""Sign a paper, and say of any file whether it is one of ours and unaltered.

The signature is one line after the end of the PDF, over the SHA-256 of everything before it; PDF programs pass
over it. Who may sign is custody, or research with a key that custody has certified: so one published key, custody's, is
enough to verify all.
A file that holds such a line but does not match it is told apart from a file that never came from here.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studyportal.errors import CannotOpen, Invalid
from studyportal.paper.fingerprint import is_as_printed
from studyportal.paper.verdict import ALTERED, NOT_OURS, Verdict, about
from studyportal.sealing.signatures import verify

MARK = b"%studyportal-signature "
# Who signs -> under which labels.
LABELS: Mapping[str, tuple[str, ...]] = {
    "custody": ("studyportal paper visit-report",),
    "research": ("studyportal paper report",),
}
CERTIFICATE = "studyportal export key"
_LINE = re.compile(
    rb"(?<=\n)%studyportal-signature ([a-z]+) ([A-Za-z0-9+/=]+)(?: ([A-Za-z0-9+/=]+) ([A-Za-z0-9+/=]+))?\n\Z"
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The public half of a key and custody's signature over it."""

    public: bytes
    signature: bytes


def signed(pdf: bytes, sign: Callable[[bytes], bytes], *, by: str, certificate: Certificate | None = None) -> bytes:
    """The paper with its signature; `sign` answers 64 bytes for a SHA-256, under a label of `LABELS`."""
    if by not in LABELS or (certificate is None) != (by == "custody"):
        raise Invalid("Papers are signed by custody, or by research with a certificate.")
    body = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    said = [sign(hashlib.sha256(body).digest())]
    if certificate is not None:
        said += [certificate.public, certificate.signature]
    return body + MARK + by.encode() + b"".join(b" " + base64.b64encode(one) for one in said) + b"\n"


def verified(pdf: bytes, custody: bytes) -> Verdict:
    """The verdict on a paper of the study with this public custody key.

    Raises `CannotOpen` if it was altered, `Invalid` if it is no paper of this study.
    """
    line = _LINE.search(pdf[-1024:])
    if not pdf.startswith(b"%PDF-") or line is None:
        raise CannotOpen(ALTERED) if MARK in pdf else Invalid(NOT_OURS)
    by = line[1].decode()
    body = pdf[: len(pdf) - len(line[0])]
    try:
        signature, *certificate = (base64.b64decode(one, validate=True) for one in line.groups()[1:] if one)
    except binascii.Error:
        raise CannotOpen(ALTERED) from None
    key = custody
    if bool(certificate) != (by == "research"):
        raise CannotOpen(ALTERED)
    if certificate:
        key = certificate[0]
        try:
            verify(CERTIFICATE, key, certificate[1], public=custody)
        except CannotOpen:
            raise Invalid(NOT_OURS) from None
    _hold(by, hashlib.sha256(body).digest(), signature, key)
    if not is_as_printed(body):
        raise CannotOpen(ALTERED)
    return about(body, by)


def _hold(by: str, digest: bytes, signature: bytes, key: bytes) -> None:
    for label in LABELS.get(by, ()):
        try:
            return verify(label, digest, signature, public=key)
        except CannotOpen:
            continue
    raise CannotOpen(ALTERED)
