"""Sign a copy for somebody to keep, as PAdES: any PDF program shows that it is signed. And check such a copy.

The signer's certificate travels in the file. What counts is that custody issued it, that the signature holds, and that
it covers the whole file: a note added later is an alteration too.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

from studyportal.errors import CannotOpen, Invalid
from studyportal.paper.verdict import ALTERED, NOT_OURS, Verdict, about
from studyportal.sealing.certificates import check_certificate

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

FIELD = "Custody"
Answer = TypeVar("Answer")


def signed_copy(pdf: bytes, key: tuple[bytes, bytes], *, reason: str) -> bytes:
    """The paper with custody's signature in it; `key` is what `sealing.certificates.copy_key` answers."""
    # Loaded when somebody signs: rooms start without it.
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    private, certificate = key
    signer = SimpleSigner(
        signing_cert=Certificate.load(certificate),
        signing_key=PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )
    metadata = PdfSignatureMetadata(
        field_name=FIELD, reason=reason, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = BytesIO()
    _aside(lambda: PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out))
    return out.getvalue()


def _aside(do: Callable[[], Answer]) -> Answer:
    """Do it in a thread of its own: the library runs an event loop, and refuses where the caller's thread has one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(do).result()


def verified_copy(pdf: bytes, custody: bytes) -> Verdict:
    """The verdict on a signed copy of the study whose custody has this public key.

    Raises `CannotOpen` if it was altered, `Invalid` if custody did not sign it or if it is no PDF.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        (signature,) = signatures
        certificate = signature.signer_cert
    except Exception:  # noqa: BLE001 - a stranger's file can make the reader fail in any way
        raise Invalid(NOT_OURS) from None
    try:
        check_certificate(certificate.dump(), public=custody)
    except CannotOpen:
        raise Invalid(NOT_OURS) from None
    if not _holds(signature):
        raise CannotOpen(ALTERED)
    return about(pdf, "custody")


def _holds(signature: "EmbeddedPdfSignature") -> bool:
    """Whether the signature is right and nothing was added after it."""
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    # Custody issued the certificate; nothing is fetched from anywhere to ask about it.
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    try:
        usage = KeyUsageConstraints(key_usage={"digital_signature"})
        status = _aside(lambda: validate_pdf_signature(signature, context, key_usage_settings=usage, skip_diff=True))
    except Exception:  # noqa: BLE001 - as above: whatever a damaged file makes of it, it does not hold
        return False
    # Behind the signature there is room for a larger one, which no signature covers: it must be empty.
    room = signature.pkcs7_content[len(ContentInfo.load(signature.pkcs7_content).dump()) :]
    covered = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return status.intact and status.valid and covered and not room.strip(b"\0")
