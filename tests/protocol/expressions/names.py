"""The names that the examples of these tests speak of."""

from collections.abc import Mapping

from studyportal.protocol.expressions import Domain, parse_expression


def rating() -> Domain:
    return Domain(type="number", minimum=0, maximum=10, whole=True)


DOMAINS: Mapping[str, Domain] = {
    "pain": rating(),
    "worst": rating(),
    "baseline.pain_usual": rating(),
    "temperature": Domain(type="number", minimum=34.0, maximum=43.0),
    "weight": Domain(type="number"),
    "flare": Domain(type="yes_no"),
    "cause": Domain(
        type="code", codes=frozenset({"cold", "heat", "stress"}), asked_when=parse_expression("flare == yes")
    ),
    "diagnosis": Domain(type="code", codes=frozenset({"migraine", "back"})),
    "causes": Domain(type="codes", codes=frozenset({"cold", "heat", "stress", "none"})),
    "begun": Domain(type="date"),
    "ended": Domain(type="date"),
    "slept": Domain(type="time"),
    "woke": Domain(type="time"),
    "dose_at": Domain(type="moment"),
    "felt_at": Domain(type="moment"),
    "note": Domain(type="text"),
    "medicines": Domain(type="rows"),
}
