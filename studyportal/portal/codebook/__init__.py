"""Make one page of a study's codebook, which needs nothing else: to read, to print, to file with the ethics board."""

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from studyportal.protocol import Protocol
from studyportal.protocol.codebook import codebook

# Everything on the page is text from a study document; nothing of it is markup.
_pages = Environment(
    loader=PackageLoader("studyportal.portal.codebook"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def codebook_page(protocol: Protocol) -> str:
    """The codebook as HTML, its style with it."""
    style = Markup("<style>{}</style>").format(Markup(files(__package__).joinpath("static/codebook.css").read_text()))
    page = _pages.get_template("codebook.html")
    return page.render(book=codebook(protocol), language=protocol.language, style=style)
