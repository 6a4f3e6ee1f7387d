"""Load a study with all its versions, and send it to another process.

The present document is one file; the former ones lie beside it in the folder `<stem>.earlier`, each under its version
(`protocol.earlier/1.0.yaml`). Refused: a former document whose name is not its version, that belongs to another study,
whose version counts as another one's, that is not from before the present one, or that no amendment leads on from.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from studyportal.protocol.amendments import compare
from studyportal.protocol.amendments.order import is_later, sort_key
from studyportal.protocol.amendments.rules import REFUSED
from studyportal.protocol.document import Protocol
from studyportal.protocol.mistakes import Mistake, ProtocolMistakes
from studyportal.protocol.reading import load_protocol as load_one
from studyportal.protocol.reading import read_protocol


def earlier_folder(path: Path) -> Path:
    """Where the former versions of a document are kept."""
    return path.with_name(f"{path.stem}.earlier")


def load_protocol(path: str | Path, *, language: str | None = None) -> Protocol:
    """The study described by a file, with its former versions, all in `language` (None: the first of each).

    Raises `ProtocolMistakes`, or OSError if a file cannot be read.
    """
    path = Path(path)
    present = load_one(path, language=language)
    folder = earlier_folder(path)
    former = (
        [(file, load_one(file, language=language)) for file in sorted(folder.glob("*.yaml"))] if folder.is_dir() else []
    )
    for file, one in former:
        if one.study.version != file.stem:
            raise _unfit(folder, file, f"This is version {one.study.version}; its file must be called so.")
    # An amendment that was interrupted leaves a copy of the document that is still in force.
    kept = [(file, one) for file, one in former if one.digest != present.digest]
    kept.sort(key=lambda pair: sort_key(pair[1].study.version))
    whole: Protocol | None = None
    for file, one in kept:
        whole = one if whole is None else _after(whole, one, folder, file)
    return present if whole is None else _after(whole, present, path.parent, path)


def with_earlier(present: Protocol, former: Sequence[Protocol]) -> Protocol:
    """A study that knows its former versions, the oldest first."""
    return replace(present, earlier=MappingProxyType({one.study.version: one for one in former}))


def _after(whole: Protocol, one: Protocol, folder: Path, file: Path) -> Protocol:
    """`one` with all that came before it."""
    if not is_later(one.study.version, whole.study.version):
        raise _unfit(
            folder,
            file,
            f"Version {one.study.version} must come after version {whole.study.version}, which is kept as well.",
        )
    # Versions are compared in their first language: a translation may come later than what it translates.
    for change in compare(whole, one) if one.language == one.languages[0] else ():
        if change.verdict == REFUSED:
            raise _unfit(
                folder, file, f"This cannot follow version {whole.study.version}: {change.sentence}", change.place
            )
    return with_earlier(one, [*whole.earlier.values(), replace(whole, earlier=MappingProxyType({}))])


def _unfit(folder: Path, file: Path, sentence: str, place: str = "study.version") -> ProtocolMistakes:
    return ProtocolMistakes(f"{folder.name}/{file.name}", [Mistake(1, place, sentence)])


class Sources(NamedTuple):
    """All versions of a study as texts, the present one last: what travels to another process, where a `Protocol`
    cannot."""

    texts: tuple[str, ...]
    language: str


def sources_of(protocol: Protocol) -> Sources:
    """The texts of a study."""
    return Sources((*(one.source for one in protocol.earlier.values()), protocol.source), protocol.language)


@lru_cache(maxsize=8)
def in_every_language(protocol: Protocol) -> tuple[Protocol, ...]:
    """The study in each of its languages, the one of `protocol` first; from its own sources, not from any file."""
    others = [language for language in protocol.languages if language != protocol.language]
    return (protocol, *(from_sources(sources_of(protocol)._replace(language=one)) for one in others))


def from_sources(sources: Sources) -> Protocol:
    """The study again. Raises `ProtocolMistakes`."""
    *former, present = (read_protocol(text, name="protocol", language=sources.language) for text in sources.texts)
    return with_earlier(present, former)
