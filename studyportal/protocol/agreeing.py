"""Find the consent form behind the hash of its words, in whatever version and language it was shown. Pure."""

from collections.abc import Collection, Sequence

from studyportal.protocol.document import Protocol


def study_with_text(spoken: Sequence[Protocol], texts: Collection[str]) -> Protocol | None:
    """The first of these studies, or of their former versions, whose consent form has one of these hashes; or None.

    `spoken` is the study in its languages, the one that somebody reads first in front.
    """
    for language in spoken:
        for study in (language, *reversed(language.earlier.values())):
            if study.consent.digest in texts:
                return study
    return None


def texts_now(spoken: Sequence[Protocol]) -> frozenset[str]:
    """The hashes of the present consent form in each language: what is proposed and put into force together."""
    return frozenset(one.consent.digest for one in spoken)
