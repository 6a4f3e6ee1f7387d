"""Say a sentence in English and remember how it was made, so that it can be said in another language where it is shown.

For words that come into being where no language is known: in tables at the top of a file, and in pure code. Everywhere
else they are plain text. Nothing here translates; `studyportal.web.translating` does.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self


class Sentence(str):
    """An English text with the template that it was made of. `many` is the template for a `number` other than one."""

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: dict[str, Any]
    many: str | None
    number: int

    @classmethod
    def made(cls, template: str, values: dict[str, Any], *, many: str | None = None, number: int = 1) -> Self:
        """The sentence of a template, or of `many` if the number is not one."""
        pattern = template if many is None or number == 1 else many
        sentence = cls(pattern % {name: english(value) for name, value in values.items()} if values else pattern)
        sentence.template, sentence.values, sentence.many, sentence.number = template, values, many, number
        return sentence

    def __mod__(self, values: Any) -> str:
        """The same sentence with its values: how WTForms fills in the limits of a field."""
        return type(self).made(self.template, dict(values)) if isinstance(values, Mapping) else super().__mod__(values)


def english(value: Any) -> Any:
    """A value as a sentence holds it: a float has one decimal."""
    return f"{value:,.1f}" if isinstance(value, float) else value


def said(template: str, **values: Any) -> Sentence:
    """The sentence `template`, with %(name)s for each value. A value may be a sentence itself; a float has one
    decimal."""
    if isinstance(template, Sentence):
        return template
    return Sentence.made(template, values)


def said_of(number: int, one: str, many: str, **values: Any) -> Sentence:
    """The sentence for one or for many, with %(num)s for the number: said_of(2, "%(num)s day", "%(num)s days")."""
    return Sentence.made(one, {"num": number} | values, many=many, number=number)


def said_together(parts: Iterable[str], separator: str) -> Sentence:
    """Several sentences, such as lines, as one. The separator is the same in every language."""
    values = {f"part{at}": part for at, part in enumerate(parts)}
    return Sentence.made(separator.replace("%", "%%").join(f"%({name})s" for name in values), values)
