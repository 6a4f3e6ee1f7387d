"""Examine a file that somebody holds: a signed paper, a signed copy, or neither."""

from studyportal.errors import Invalid
from studyportal.paper import pades, signing
from studyportal.paper.verdict import NOT_OURS, Verdict


def examined(pdf: bytes, custody: bytes) -> Verdict:
    """The verdict on a file, for the study whose custody has this public key.

    Raises `CannotOpen` if it was altered, `Invalid` if it is no paper of this study.
    """
    if not pdf.startswith(b"%PDF-"):
        raise Invalid("This is not a PDF file.")
    if signing.MARK in pdf:
        return signing.verified(pdf, custody)
    if b"/ByteRange" in pdf:
        return pades.verified_copy(pdf, custody)
    raise Invalid(NOT_OURS)
