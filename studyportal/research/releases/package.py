"""Pack a release: one zip whose bytes say nothing of when, where and by which machine they were written.

Every file is listed in SHA256SUMS, and SHA256SUMS is signed by the export key, which custody has certified.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from studyportal.research.holdings import CERTIFICATE_LABEL
from studyportal.sealing.signatures import public_of, sign

LABEL = "studyportal release"
SUMS, SIGNATURE, MANIFEST = "SHA256SUMS", "signature.json", "manifest.json"
# The earliest time that a zip can hold; every file has it.
NEUTRAL = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """JSON for people and programs, the same bytes for the same document."""
    return (json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def described(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 (hex) of every file."""
    return {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}


def sums(files: Mapping[str, bytes]) -> bytes:
    """The text that `sha256sum -c` reads."""
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())).encode()


def signature(text: bytes, *, export_key: bytes, certificate: bytes) -> bytes:
    """signature.json over SHA256SUMS: the signature, the public key, and custody's word for that key."""
    return json_bytes(
        {
            "format": 1,
            "signs": SUMS,
            "algorithm": "Ed25519",
            "label": LABEL,
            "signature": base64.b64encode(sign(LABEL, text, key=export_key)).decode(),
            "public_key": base64.b64encode(public_of(export_key)).decode(),
            "certificate_label": CERTIFICATE_LABEL,
            "certificate": base64.b64encode(certificate).decode(),
        }
    )


def packed(files: Mapping[str, bytes], *, export_key: bytes, certificate: bytes) -> bytes:
    """The zip of these files, with checksums and signature."""
    text = sums(files)
    whole = dict(files) | {SUMS: text, SIGNATURE: signature(text, export_key=export_key, certificate=certificate)}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(whole.items()):
            entry = zipfile.ZipInfo(name, NEUTRAL)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # as if written on Unix, wherever it was
            entry.external_attr = _READABLE
            archive.writestr(entry, data)
    return sink.getvalue()
