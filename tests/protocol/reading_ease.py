"""How hard an English text is to read: the Flesch-Kincaid grade, which is about age in years less five or six.

Kincaid and others 1975 (Naval Technical Training Command, report 8-75): 0.39 words per sentence + 11.8 syllables per
word - 15.59.
"""

import re

SENTENCE_ENDS = re.compile(r"[.?!:]+(?:\s|$)")
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
# A silent ending: made, makes, walked; not table, not needed.
SILENT = re.compile(r"(?:(?<=[^laeiouy])es|(?<=[^aeiouydt])ed|(?<=[^l])e)$")
VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """The syllables of a word, by its groups of vowels; wrong now and then, right on average."""
    return max(1, len(VOWELS.findall(SILENT.sub("", word.lower()))))


def grade(text: str) -> float:
    """The school grade in which a text is understood."""
    words = WORD.findall(text)
    sentences = [part for part in SENTENCE_ENDS.split(text) if WORD.search(part)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
