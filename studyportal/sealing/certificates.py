"""The certificate under which custody signs PDF files, so that other programs can check the signature too.

PDF programs want X.509 and mostly know no Ed25519. So the key of the files is one on the curve P-256, worked out from
custody's signing seed, and its certificate is signed by that seed's own key: whoever knows custody's public key, 32
bytes, needs no other. Nothing of it is stored; the same seed gives the same key and the same certificate.
"""

from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from studyportal.errors import CannotOpen

# The order of P-256's group (SEC 2, 2.4.2). 64 bytes are reduced by it: the remainder is uniform to 2**-256.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
# "No well-defined expiration date" (RFC 5280, 4.1.2.5): a consent must be provable as long as somebody keeps it.
_UNTIL = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def copy_key(seed: bytes, *, study: str) -> tuple[bytes, bytes]:
    """The private key (PKCS #8) and the certificate (DER) for signed copies of the study with this code."""
    drawn = HKDF(SHA512(), 64, salt=None, info=b"studyportal signed copies 1").derive(seed)
    key = ec.derive_private_key(int.from_bytes(drawn) % (_ORDER - 1) + 1, ec.SECP256R1())
    custody = Ed25519PrivateKey.from_private_bytes(seed)
    serial = int.from_bytes(sha256(custody.public_key().public_bytes_raw() + study.encode()).digest()[:16]) >> 1
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_named(study, "signed copies"))
        .issuer_name(_named(study, "data custody"))
        .public_key(key.public_key())
        .serial_number(serial | 1)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_only(), critical=True)
        .sign(custody, None)
    )
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private, certificate.public_bytes(Encoding.DER)


def check_certificate(certificate: bytes, *, public: bytes) -> None:
    """Return if the holder of custody's `public` key issued this certificate (DER); else raise `CannotOpen`."""
    try:
        found = x509.load_der_x509_certificate(certificate)
        Ed25519PublicKey.from_public_bytes(public).verify(found.signature, found.tbs_certificate_bytes)
    except (InvalidSignature, ValueError, TypeError):
        raise CannotOpen("Custody did not issue this certificate.") from None


def _named(study: str, what: str) -> x509.Name:
    # A common name has at most 64 characters (RFC 5280, ub-common-name).
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{study} {what}"[:64])])


def _signs_only() -> x509.KeyUsage:
    others = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only")
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, decipher_only=False, **dict.fromkeys(others, False)
    )
