"""Check a release that somebody hands you: who signed it, and whether every byte is as it was signed.

Needs custody's public key and nothing else. Refuses what is more, less or other than what was signed.
"""

import base64
import binascii
import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studyportal.errors import CannotOpen, TooLarge
from studyportal.research.holdings import CERTIFICATE_LABEL
from studyportal.research.releases.package import LABEL, MANIFEST, SIGNATURE, SUMS
from studyportal.sealing.signatures import verify

# Beyond any release of a study of a million people; a zip bomb ends here.
LARGEST = 8 * 1024**3
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Verified:
    """What a good package says of itself, and the hash and size of each of its files."""

    release: str
    study: str
    project: str
    snapshot: int
    files: dict[str, str]


def verify_release(path: Path, custody_public: bytes) -> Verified:
    """Check the package at `path` against custody's public key (32 bytes).

    Raises `CannotOpen` with what does not hold, `TooLarge` for a package that unpacks to more than 8 GiB.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(archive, custody_public)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, KeyError, TypeError):
        raise CannotOpen("This is not a release package, or it is damaged.") from None


def _checked(archive: zipfile.ZipFile, custody_public: bytes) -> Verified:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise TooLarge("This package is larger than any release.")
    names = [entry.filename for entry in entries]
    if len(names) != len(set(names)):
        raise CannotOpen("This package holds two files of one name.")
    text = archive.read(SUMS)
    check_signature(text, json.loads(archive.read(SIGNATURE)), custody_public)
    listed = dict(reversed(line.split("  ", 1)) for line in text.decode().splitlines())
    if set(names) != set(listed) | {SUMS, SIGNATURE}:
        raise CannotOpen("This package holds other files than were signed.")
    for name, digest in listed.items():
        if _sha256(archive, name) != digest:
            raise CannotOpen(f"The file {name} is not as it was signed.")
    manifest = json.loads(archive.read(MANIFEST))
    return Verified(manifest["release"], manifest["study"], manifest["project"], manifest["snapshot"], listed)


def check_signature(text: bytes, signature: dict[str, Any], custody_public: bytes) -> None:
    """Check that an export key which custody certified signed `text`; raises `CannotOpen`."""
    try:
        public, certificate, signed = (
            base64.b64decode(signature[name], validate=True) for name in ("public_key", "certificate", "signature")
        )
    except (binascii.Error, KeyError, TypeError):
        raise CannotOpen("This package is not signed.") from None
    try:
        verify(CERTIFICATE_LABEL, public, certificate, public=custody_public)
    except CannotOpen:
        raise CannotOpen("The key that signed this package has no certificate of this study's custody.") from None
    verify(LABEL, text, signed, public=public)


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
