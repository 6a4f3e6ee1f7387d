"""How a member of staff makes sure who stands in front of them. The code goes into the trail, the words onto the
page."""

from collections.abc import Mapping

CHECKS: Mapping[str, str] = {
    "document": "I have seen an identity document with a photo, and it is theirs",
    "known": "I know them in person from earlier visits",
    "record": "They are here, and what they told me agrees with their file at our site",
}
