"""Make one page of a study's codebook, which needs nothing else: to read, to print, to file with the ethics board."""

from jinja2 import Environment, PackageLoader, StrictUndefined

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
    """The codebook as HTML."""
    return _pages.get_template("codebook.html").render(book=codebook(protocol), language=protocol.language)
