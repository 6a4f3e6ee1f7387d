"""Take the address at which a browser is pushed. A browser names it, so whoever likes can name any: known services
only.

Custody's worker calls it. An address inside our own network, another scheme or port must never be among them.
"""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from studyportal.errors import Invalid
from studyportal.saying import said

LONGEST = 1024
# Whoever makes a browser runs its push service. A name that begins with a dot stands for every host below it.
KNOWN_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
_SHAPE = re.compile(r"https://[a-z0-9.-]{4,253}/[A-Za-z0-9_~:/?%&=.+,;@!$'()*-]*")

UNFIT = said("This browser's push service is not one that the study knows. Choose another kind of reminder.")


def read_push_address(text: str, *, services: Collection[str]) -> str:
    """The address as it stands, at one of `services`. Raises `Invalid`."""
    if len(text) > LONGEST or not _SHAPE.fullmatch(text):
        raise Invalid(UNFIT)
    host = urlsplit(text).hostname or ""
    if not any(host == one or (one.startswith(".") and host.endswith(one)) for one in services):
        raise Invalid(UNFIT)
    return text


def read_service(text: str) -> str:
    """The host name of a push service, as a settings file has it. Raises `ValueError`."""
    if not re.fullmatch(r"\.?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", text):
        raise ValueError("names a push service by its host name, such as push.example.org or .push.example.org")
    return text
