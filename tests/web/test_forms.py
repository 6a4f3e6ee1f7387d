"""Forms are drawn so that nothing is chosen beforehand, everything has a name, and errors lead to their field."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import get_template_attribute
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, PasswordField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from studyportal.web.fields import (
    NO_ANSWER,
    ChoiceField,
    ChoicesField,
    NotesField,
    NumberField,
    ScaleField,
    TypedWord,
    WholeNumberField,
    show_problems,
)
from tests.web.conftest import Room

CANARY = '"><script>canary</script>'


class Evening(FlaskForm):
    """One field of every kind."""

    pain = ScaleField(
        "Pain",
        low=0,
        high=10,
        low_words="No pain",
        high_words="Worst imaginable",
        skip=NO_ANSWER,
        description="On average",
    )
    flare = ChoiceField("Flare-up?", choices=[("yes", "Yes"), ("no", "No")])
    places = ChoicesField("Where?", choices=[("back", "Back"), ("neck", "Neck")])
    sleep = NumberField("Sleep", unit="hours")
    steps = WholeNumberField("Steps")
    began_on = DateField("Began on")
    began_at = TimeField("Began at")
    kind = SelectField("Kind", choices=[SelectChoice("", "Choose"), SelectChoice("a", "A")], validate_choice=False)
    cause = NotesField("Cause")
    name = StringField("Name", validators=[InputRequired("Type a name.")])
    word = PasswordField("Word")
    share = BooleanField("Share")


class Page(HTMLParser):
    """What a form offers: its controls, its ids, what labels and links point to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: list[dict[str, str | None]] = []
        self.ids: set[str] = set()
        self.pointed: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag in ("input", "select", "textarea"):
            self.controls.append({"tag": tag} | found)
        if "id" in found:
            assert found["id"] not in self.ids, "an id is there twice"
            self.ids.add(found["id"] or "")
        if tag == "label":
            self.pointed.add(found.get("for") or "")
        self.pointed |= set((found.get("aria-describedby") or "").split())
        if tag == "a":
            self.pointed.add((found.get("href") or "#").removeprefix("#"))


@pytest.fixture(autouse=True)
def _request(room: Room) -> Iterator[None]:
    with room.app.test_request_context("/sign-in"):
        yield


def _draw(macro: str, *arguments: object) -> str:
    return str(get_template_attribute("forms.html", macro)(*arguments))


def test_every_control_has_a_name_and_every_pointer_a_target() -> None:
    form = Evening()
    form.name.errors = ["Type a name."]

    page = Page(_draw("summary", form) + _draw("fields", form))

    assert page.pointed <= page.ids
    assert {control.get("id") for control in page.controls} <= page.pointed


def test_nothing_is_chosen_beforehand() -> None:
    page = Page(_draw("fields", Evening()))

    assert len(page.controls) == 11 + 1 + 2 + 2 + 9
    assert not any("checked" in control for control in page.controls)
    assert not any(control.get("value") for control in page.controls if control.get("type") in ("text", "date", "time"))


def test_what_was_chosen_stays_chosen_when_the_form_comes_back() -> None:
    sent = {"pain": "7", "flare": "no", "sleep": "7.5", "cause": "rain", "share": "y", "word": "hidden"}
    form = Evening(MultiDict([*sent.items(), ("places", "back"), ("places", "neck")]))

    html = _draw("fields", form)
    page = Page(html)

    checked = [(control["name"], control["value"]) for control in page.controls if "checked" in control]
    assert checked == [("pain", "7"), ("flare", "no"), ("places", "back"), ("places", "neck"), ("share", "y")]
    assert 'value="7.5"' in html and ">\nrain</textarea>" in html
    assert "hidden" not in [control.get("value") for control in page.controls]


def test_a_scale_is_a_button_for_each_number_with_words_at_its_ends() -> None:
    html = _draw("field", Evening().pain)

    assert html.count('class="step"') == 11
    assert html.count("No pain") == html.count("Worst imaginable") == 2  # seen at the end, spoken with the button
    assert NO_ANSWER in html


def test_what_people_wrote_is_shown_as_text() -> None:
    form = Evening(MultiDict(dict.fromkeys(("sleep", "cause", "name", "kind", "pain", "began_on"), CANARY)))
    show_problems(form, {"sleep": CANARY})

    html = _draw("summary", form) + _draw("fields", form)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_sentences_of_a_refusal_stand_at_their_fields_and_at_the_top() -> None:
    form = Evening()
    show_problems(form, {"pain": "Choose a number.", "sleep": "Type hours.", "nowhere": "Something else."})

    top, fields = _draw("summary", form), _draw("fields", form)

    assert 'href="#pain-0">Choose a number.' in top and 'href="#sleep">Type hours.' in top
    assert "<li>Something else.</li>" in top
    assert "3 things need another look" in top
    assert fields.count("Choose a number.") == fields.count("Type hours.") == 1
    assert 'aria-invalid="true"' in fields


def test_a_sentence_that_stands_at_several_questions_names_them_at_the_top() -> None:
    form = Evening()
    show_problems(form, {"pain": "This question needs an answer.", "sleep": "This question needs an answer."})

    top = _draw("summary", form)

    for field in (form.pain, form.sleep):
        words = field.label.text
        assert f"{words}{'' if words.endswith('?') else ':'} This question needs an answer." in top


def test_a_form_without_errors_has_no_summary() -> None:
    assert _draw("summary", Evening()).strip() == ""


@pytest.mark.parametrize(("typed", "taken"), [("ERASE", True), (" erase ", True), ("ERAS", False), ("", False)])
def test_a_danger_is_confirmed_by_a_typed_word(typed: str, taken: bool) -> None:
    class Erase(FlaskForm):
        word = StringField("Type ERASE", validators=[TypedWord("ERASE")])

        class Meta:
            csrf = False

    assert Erase(MultiDict({"word": typed})).validate() is taken
