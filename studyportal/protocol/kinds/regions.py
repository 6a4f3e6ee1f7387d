"""Name the 19 regions of the body in which pain is counted.

They are the regions of the widespread pain index, each side for itself: Wolfe F. et al., The American College of
Rheumatology preliminary diagnostic criteria for fibromyalgia, Arthritis Care & Research 2010;62:600-610, kept
unchanged in Wolfe F. et al., 2016 revisions to the 2010/2011 fibromyalgia diagnostic criteria, Seminars in Arthritis
and Rheumatism 2016;46:319-329. The index is the number of regions, 0 to 19.
"""

from collections.abc import Mapping
from types import MappingProxyType

from studyportal.protocol.items import Item

_BOTH_SIDES = {
    "jaw": "jaw",
    "shoulder": "shoulder",  # the shoulder girdle
    "upper_arm": "upper arm",
    "lower_arm": "lower arm",
    "hip": "hip or buttock",  # buttock, trochanter
    "upper_leg": "upper leg",
    "lower_leg": "lower leg",
}
_MIDDLE = {
    "neck": "Neck",
    "chest": "Chest",
    "abdomen": "Belly",
    "upper_back": "Upper back",
    "lower_back": "Lower back",
}

REGIONS: Mapping[str, str] = MappingProxyType(
    {f"{side}_{code}": f"{side.title()} {words}" for code, words in _BOTH_SIDES.items() for side in ("left", "right")}
    | _MIDDLE
)


def describe_body_map(item: Item) -> str:
    return f"The painful ones of {len(REGIONS)} regions of the body, left and right apart, or {item.none or 'nowhere'}"
