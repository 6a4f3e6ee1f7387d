"""Give a browser what draws our charts: one script out of the installed package, without a network and without
`eval`."""

from functools import cache

import vl_convert

from studyportal.charts.printing import VEGA_LITE

# How the script is made; with the package's version it names the script.
_ENTRY = "window.vegaEmbed = vegaEmbed;"
RECIPE = f"vl-convert {vl_convert.__version__}, Vega-Lite {VEGA_LITE}: {_ENTRY}"


@cache
def script() -> bytes:
    """Vega, Vega-Lite and vega-embed as one script (about 900 kB) that sets `window.vegaEmbed`. Takes a second or
    two."""
    bundle: str = vl_convert.javascript_bundle(_ENTRY, vl_version=VEGA_LITE)
    return bundle.encode()
