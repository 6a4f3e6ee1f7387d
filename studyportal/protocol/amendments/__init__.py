"""What changes from one version of a study to the next, and what that means for answers given before.

`compare` says it to a coordinator before the change, `lineage` keeps research columns continuous after it. Both go by
the one table in `rules`.
"""

from studyportal.protocol.amendments.comparing import Change, compare
from studyportal.protocol.amendments.lineage import Line, Source, instruments, lineage
from studyportal.protocol.amendments.order import is_later, versions
from studyportal.protocol.amendments.rules import VERDICTS

__all__ = ["VERDICTS", "Change", "Line", "Source", "compare", "instruments", "is_later", "lineage", "versions"]
