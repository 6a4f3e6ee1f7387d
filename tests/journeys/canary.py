"""Look for a marked answer in everything that a study leaves on disks, in every spelling a computer might use."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path


def spellings(marker: str) -> frozenset[bytes]:
    """The bytes that betray `marker`: utf-8, utf-16, hex, and base64 in each of its three alignments."""
    plain = marker.encode()
    forms = {
        plain,
        marker.encode("utf-16-le"),
        marker.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + plain)
        # The first and last groups also hold what stands beside the marker: only the middle is the marker's alone.
        forms.add(coded[4 if offset else 0 : len(coded) - 4])
        forms.add(_urlsafe(coded[4 if offset else 0 : len(coded) - 4]))
    return frozenset(forms)


def _urlsafe(coded: bytes) -> bytes:
    """The URL-safe spelling of a base64 text."""
    return coded.replace(b"+", b"-").replace(b"/", b"_")


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file below the folders, also databases' pages, logs, write-ahead logs and temporary files."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def traces(marker: str, folders: Iterable[Path]) -> list[str]:
    """Where the marker stands: file names. A scan of nothing at all would prove nothing, so it raises `ValueError`."""
    wanted, found, seen = spellings(marker), [], 0
    for path in files(folders):
        content = path.read_bytes()
        seen += len(content)
        if any(form in content for form in wanted):
            found.append(path.name)
    if not seen:
        raise ValueError("there was nothing to search")
    return found
