"""Know every kind of question: how an answer is read, checked, described, written and kept in a column.

One row per kind. A raw answer is what a form or an app sends (text, number, true or false, a list); what comes out is a
Python value or `Unacceptable` with a sentence for the participant. Nothing is guessed or rounded, and no sentence
repeats the answer. No kind has a default value.
"""

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType

from studyportal.protocol.kinds import choosing, groups, moments, numbers, regions, words
from studyportal.protocol.kinds.choosing import NONE
from studyportal.protocol.kinds.kind import Kind, Unacceptable, Value, Wire
from studyportal.protocol.kinds.moments import DATE
from studyportal.protocol.kinds.numbers import WHOLE
from studyportal.protocol.kinds.regions import REGIONS

__all__ = ["DATE", "FLAT", "KINDS", "NONE", "REGIONS", "WHOLE", "Kind", "Unacceptable", "Value", "Wire"]

_RATED = ("keep", "drop", "band")
_COUNTED = ("keep", "drop", "band", "top_code", "bottom_code")

_FLAT = (
    Kind(
        name="rating", words="a number from 0 to 10", needs=("low", "high"),
        parse=numbers.scale, describe=numbers.describe_scale, form_field="scale",
        wire=int, column="int8", type="number", may_release=_RATED,
        fhir="integer", redcap="radio", spss="F2.0", stata="byte", dataset_json="integer",
    ),
    Kind(
        name="analogue", words="a point on a line from 0 to 100", needs=("low", "high"),
        parse=numbers.scale, describe=numbers.describe_scale, form_field="analogue",
        wire=int, column="int8", type="number", may_release=_RATED,
        fhir="integer", redcap="slider", spss="F3.0", stata="byte", dataset_json="integer",
    ),
    Kind(
        name="integer", words="a whole number", needs=("minimum", "maximum"), takes=("unit",),
        parse=numbers.whole, describe=numbers.describe_whole, form_field="integer",
        wire=int, column="int64", type="number", may_release=_COUNTED,
        fhir="integer", redcap="text", spss="F16.0", stata="double", dataset_json="integer",
    ),
    Kind(
        name="decimal", words="a number with decimals", needs=("minimum", "maximum"), takes=("unit",),
        parse=numbers.decimal, describe=numbers.describe_decimal, form_field="decimal",
        wire=float, column="float64", type="number", may_release=_COUNTED,
        fhir="decimal", redcap="text", spss="F16.6", stata="double", dataset_json="double",
    ),
    Kind(
        name="yes_no", words="yes or no",
        parse=choosing.yes_no, describe=lambda item: "Yes or no", form_field="yes_no",
        wire=bool, column="bool", type="yes_no", may_release=("keep", "drop"),
        fhir="boolean", redcap="yesno", spss="F1.0", stata="byte", dataset_json="boolean",
    ),
    Kind(
        name="choice", words="one of several answers", needs=("choices",),
        parse=choosing.choice, describe=choosing.describe_choice, form_field="choice",
        wire=str, column="string", type="code", may_release=("keep", "drop", "map", "shorten"),
        fhir="choice", redcap="radio", spss="A40", stata="str40", dataset_json="string",
    ),
    Kind(
        name="date", words="a date",
        parse=moments.day, describe=lambda item: "A date", form_field="date",
        wire=str, column="date32", type="date", may_release=("drop", "relative_day"),
        fhir="date", redcap="text", spss="SDATE10", stata="long", dataset_json="date",
        to_wire=date.isoformat, from_wire=date.fromisoformat, to_column=date.fromisoformat, from_column=date.isoformat,
    ),
    Kind(
        name="time", words="a time of day",
        parse=moments.clock, describe=lambda item: "A time of day, to the minute", form_field="time",
        wire=str, column="int32", type="time", may_release=("drop", "hour"),
        fhir="time", redcap="text", spss="TIME5", stata="int", dataset_json="time",
        to_wire=moments.write_clock, from_wire=time.fromisoformat,
        to_column=moments.minutes_of, from_column=moments.clock_of,
    ),
    Kind(
        # Others keep it as text: none of their types for moments holds a zone.
        name="date_time", words="a date and a time with their zone",
        parse=moments.moment, describe=lambda item: "A date and a time of day, to the minute, with their time zone",
        form_field="date_time",
        wire=str, column="string", type="moment", may_release=("drop", "relative_day", "hour"),
        fhir="dateTime", redcap="text", spss="A88", stata="str88", dataset_json="string",
        to_wire=moments.write_moment, from_wire=moments.read_moment,
    ),
    Kind(
        name="duration", words="a length of time", needs=("maximum",), takes=("minimum",),
        parse=numbers.duration, describe=numbers.describe_duration, form_field="duration",
        wire=int, column="int32", type="number", may_release=("keep", "drop", "band", "top_code"),
        fhir="quantity", redcap="text", spss="F8.0", stata="long", dataset_json="integer",
    ),
    Kind(
        # Free text names people, places and things nobody foresees: it can only be dropped.
        name="text", words="a line in own words", needs=("max_length",),
        parse=words.line, describe=words.describe_line, form_field="text",
        wire=str, column="string", type="text", may_release=("drop",),
        fhir="string", redcap="text", spss="A800", stata="str800", dataset_json="string",
    ),
    Kind(
        name="notes", words="a text in own words", needs=("max_length",),
        parse=words.notes, describe=words.describe_notes, form_field="notes",
        wire=str, column="string", type="text", may_release=("drop",),
        fhir="text", redcap="notes", spss="A20000", stata="strL", dataset_json="string",
    ),
)  # fmt: skip

# The kinds that a group may ask.
FLAT: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _FLAT})

_MORE = (
    Kind(
        name="choices", words="some of several answers", needs=("choices",), takes=("none",),
        parse=choosing.choices, describe=choosing.describe_choices, form_field="choices",
        is_blank=choosing.nothing_chosen,
        wire=list, column="list<string>", type="codes", may_release=("keep", "drop", "map", "count"),
        fhir="choice", redcap="checkbox", spss="F1.0", stata="byte", dataset_json="boolean",
        to_wire=list, from_wire=tuple,
    ),
    Kind(
        name="body_map", words="the regions of the body that hurt",
        parse=choosing.choices, describe=regions.describe_body_map, form_field="body_map",
        is_blank=choosing.nothing_chosen,
        wire=list, column="list<string>", type="codes", may_release=("keep", "drop", "map", "count"),
        fhir="choice", redcap="checkbox", spss="F1.0", stata="byte", dataset_json="boolean",
        to_wire=list, from_wire=tuple,
    ),
    Kind(
        name="group", words="the same questions again and again", needs=("items", "at_most"),
        parse=groups.group_of(FLAT), describe=groups.describe_group, form_field="group", is_blank=groups.no_rows,
        wire=list, column="string", type="rows", may_release=("drop", "count", "codes_of"),
        fhir="group", redcap="notes", spss="A32767", stata="strL", dataset_json="string",
        to_wire=groups.write_rows, from_wire=groups.read_rows,
        to_column=groups.to_text, from_column=groups.from_text,
    ),
    Kind(
        name="computed", words="a number worked out from other answers", answered=False,
        needs=("formula", "minimum", "maximum"), takes=("unit",),
        parse=numbers.worked_out, describe=numbers.describe_computed, form_field="nothing",
        wire=float, column="float64", type="number", may_release=_COUNTED,
        fhir="decimal", redcap="calc", spss="F16.6", stata="double", dataset_json="double",
    ),
    Kind(
        name="score", words="the score of a published questionnaire", answered=False, needs=("score", "of"),
        parse=numbers.worked_out, describe=numbers.describe_score, form_field="nothing",
        wire=float, column="float64", type="number", may_release=_RATED,
        fhir="decimal", redcap="calc", spss="F8.2", stata="double", dataset_json="double",
    ),
    Kind(
        name="heading", words="a heading between questions", answered=False,
        parse=words.between, describe=lambda item: "A heading", form_field="heading",
        wire=type(None), column="none", type="nothing", may_release=("drop",),
        fhir="display", redcap="descriptive", spss="", stata="", dataset_json="",
    ),
    Kind(
        name="explanation", words="an explanation between questions", answered=False,
        parse=words.between, describe=lambda item: "An explanation", form_field="explanation",
        wire=type(None), column="none", type="nothing", may_release=("drop",),
        fhir="display", redcap="descriptive", spss="", stata="", dataset_json="",
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (*_FLAT, *_MORE)})
