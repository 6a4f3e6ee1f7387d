"""Say in which parts one version of the consent form differs from another, for whoever decides. Pure."""

from dataclasses import dataclass

from studyportal.protocol import ConsentForm


@dataclass(frozen=True, slots=True)
class Differences:
    """Headings of sections that are new or worded differently, and of those that are gone; the same for questions about
    the text and for choices; and what signing asks now that it did not, or did and does not."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    new_questions: tuple[str, ...]
    gone_questions: tuple[str, ...]
    new_choices: tuple[str, ...]
    gone_choices: tuple[str, ...]
    new_demands: tuple[str, ...]
    gone_demands: tuple[str, ...]


def differences(former: ConsentForm, present: ConsentForm) -> Differences:
    """What is not in `former` as it is in `present`, and the other way round."""
    kept = {section.heading for section in present.sections}
    before = {scope.ask for scope in former.scopes.values()}
    now = {scope.ask for scope in present.scopes.values()}
    asked = {question.ask for question in present.check.values()}
    demanded, demands = _demands(former), _demands(present)
    return Differences(
        new=tuple(section.heading for section in present.sections if section not in former.sections),
        gone=tuple(section.heading for section in former.sections if section.heading not in kept),
        new_questions=tuple(one.ask for one in present.check.values() if one not in former.check.values()),
        gone_questions=tuple(one.ask for one in former.check.values() if one.ask not in asked),
        new_choices=tuple(scope.ask for scope in present.scopes.values() if scope.ask not in before),
        gone_choices=tuple(scope.ask for scope in former.scopes.values() if scope.ask not in now),
        new_demands=tuple(one for one in demands if one not in demanded),
        gone_demands=tuple(one for one in demanded if one not in demands),
    )


def _demands(form: ConsentForm) -> list[str]:
    """What signing asks besides the six words."""
    return ["The full name"] * form.asks_name + ["A countersignature by the clinic"] * bool(form.countersign)
