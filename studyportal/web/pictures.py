"""Send a picture that is drawn here, for the ground and the width that a page says (pictures.html, `drawn`)."""

from flask import Response, request

from studyportal.charts import Chart, svg
from studyportal.web.here import words_now

# Of a plot on a phone, in points; letters then have the size of the page's.
NARROW = 270


def drawn_response(chart: Chart) -> Response:
    """The picture as SVG. It is kept by nobody, like every page."""
    plot = NARROW if request.args.get("width") == "narrow" else None
    picture = svg(chart, dark=request.args.get("ground") == "dark", plot=plot, language=words_now())
    return Response(picture, mimetype="image/svg+xml")
