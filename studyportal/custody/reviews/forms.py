"""Allow what was asked, confirmed by a typed word, or refuse with a sentence."""

from flask_wtf import FlaskForm

from studyportal.custody.approvals.forms import reason_field, word_field

ALLOW = "ALLOW"


class AllowForm(FlaskForm):
    """What the researcher reads with it, and the word."""

    answer = reason_field("Why you allow it")
    word = word_field(ALLOW)


class RefuseReviewForm(FlaskForm):
    """Refuse with a sentence."""

    answer = reason_field("Why not")
