"""Say in which parts one version of the consent form differs from another, for whoever decides. Pure."""

from dataclasses import dataclass

from studyportal.protocol import ConsentForm


@dataclass(frozen=True, slots=True)
class Differences:
    """Headings of sections that are new or worded differently, and of those that are gone; the same for choices."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    new_choices: tuple[str, ...]
    gone_choices: tuple[str, ...]


def differences(former: ConsentForm, present: ConsentForm) -> Differences:
    """What is not in `former` as it is in `present`, and the other way round."""
    kept = {section.heading for section in present.sections}
    before = {scope.ask for scope in former.scopes.values()}
    now = {scope.ask for scope in present.scopes.values()}
    return Differences(
        new=tuple(section.heading for section in present.sections if section not in former.sections),
        gone=tuple(section.heading for section in former.sections if section.heading not in kept),
        new_choices=tuple(scope.ask for scope in present.scopes.values() if scope.ask not in before),
        gone_choices=tuple(scope.ask for scope in former.scopes.values() if scope.ask not in now),
    )
