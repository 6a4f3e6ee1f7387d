"""Send a picture as a file: with its title, on a ground of its own, so that it can stand anywhere."""

from flask import Response

from studyportal.charts import Chart, png, svg


def picture_response(chart: Chart, name: str, kind: str) -> Response:
    """The picture as "svg" or "png", named after what it shows."""
    if kind == "svg":
        response = Response(svg(chart, titled=True), content_type="image/svg+xml")
    else:
        response = Response(png(chart, titled=True), content_type="image/png")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    return response
