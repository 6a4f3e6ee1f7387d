"""Fill answers up to whole steps of their size, so that their length does not tell a hidden number from a shown one.

What a researcher reads is theirs; who only sees how much goes over the line learns which page it was, and no more.
Files that were made before, such as reports and releases, go as they are: they are the same for everybody who may have
them.
"""

from flask import Response

# Bytes. A page is filled in itself; a table or a picture must stay what it is, so a head is filled, which proxies allow
# little of.
STEP_OF_PAGE, STEP_OF_FILE = 16_384, 1_024
HEAD = "X-Padding"
_OPEN, _SHUT = b"<!--", b"-->"


def pad(response: Response) -> Response:
    """The same answer in a size of whole steps."""
    if response.direct_passthrough or not response.is_sequence:
        return response
    if response.mimetype == "text/html":
        size = len(response.get_data()) + len(_OPEN + _SHUT)
        response.set_data(response.get_data() + _OPEN + b"." * (-size % STEP_OF_PAGE) + _SHUT)
    else:
        response.headers[HEAD] = "." * (STEP_OF_FILE - len(response.get_data()) % STEP_OF_FILE)
    return response
