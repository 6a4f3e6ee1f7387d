"""The field in which a message is written, in whichever room. What a message may hold is for its door to say."""

from wtforms import Form, HiddenField
from wtforms.validators import InputRequired

from studyportal.saying import said
from studyportal.web.fields import NotesField


class MessageForm(Form):
    """One message; `message` is the id that the page made, so that a double tap is one message."""

    text = NotesField(
        said("Your message"),
        [InputRequired(said("Write your message first."))],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    message = HiddenField()
