"""Hold each score against the published questionnaire: as many questions, each with the published range."""

from studyportal.protocol.items import Item
from studyportal.protocol.reading.checks.draft import Draft
from studyportal.protocol.scores import SCORES, Score


def check_scores(draft: Draft) -> None:
    for instrument in draft.instruments:
        items = draft.items(instrument)
        for item in items.values():
            if item.score:
                for sentence in _wrong(item, SCORES[item.score], items, draft.broken(instrument)):
                    draft.refuse(f"instruments.{instrument}.items.{item.name}.of", sentence)


def _wrong(item: Item, score: Score, items: dict[str, Item], broken: frozenset[str]) -> list[str]:
    found = []
    if len(item.of) != score.items:
        found.append(f"{score.name} is made of {score.items} questions; {len(item.of)} are listed here.")
    for name in item.of:
        if name in broken:
            continue
        if name not in items:
            found.append(f"There is no question {name} in this instrument.")
        elif not _has_range(items[name], score):
            found.append(
                f"The questions of {score.name} go from {score.low} to {score.high}; {name} does not. Make it a whole "
                f"number with these limits, or a choice with the codes {score.low} to {score.high}."
            )
    return found


def _has_range(item: Item, score: Score) -> bool:
    if item.kind == "choice":
        return [*item.choices] == [str(value) for value in range(score.low, score.high + 1)]
    return item.kind in ("rating", "integer") and (item.minimum, item.maximum) == (score.low, score.high)
