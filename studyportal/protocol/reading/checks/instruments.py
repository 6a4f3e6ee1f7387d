"""Hold instruments against each other: what follows which event, how large an entry can be, what a question was."""

from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS, NONE
from studyportal.protocol.reading.checks.draft import Draft

# Every on-demand entry is padded to 4,096 bytes, so that its size says nothing. What is not answers (times, zone,
# names, the blind) takes less than 600 of them.
ON_DEMAND_ROOM = 3_400
ONCE = "This is asked once, so there is no entry before it. Remove carry_over."


def check_events(draft: Draft) -> None:
    schedules = draft.schedules()
    events = [name for name, schedule in schedules.items() if schedule.form == "on_demand"]
    for name, schedule in schedules.items():
        path = f"instruments.{name}.schedule.after"
        if schedule.after and schedule.after not in draft.instruments:
            draft.refuse(path, f"There is no instrument {schedule.after}.")
        elif schedule.after in schedules and schedule.after not in events:
            draft.refuse(path, f"{schedule.after} is no event: only an instrument with on_demand: true is one.")


def check_sizes(draft: Draft) -> None:
    for name, schedule in draft.schedules().items():
        if schedule.on_demand and (need := sum(map(greatest_size, draft.items(name).values()))) > ON_DEMAND_ROOM:
            draft.refuse(
                f"instruments.{name}",
                f"The answers can take {need} bytes, but an entry on demand has room for {ON_DEMAND_ROOM}. "
                "Lower max_length (each character counts 4) or at_most, offer fewer choices, or ask less.",
            )


def check_former_names(draft: Draft) -> None:
    for instrument in draft.instruments:
        named: dict[str, str] = {}
        for item in draft.items(instrument).values():
            path = f"instruments.{instrument}.items.{item.name}.was"
            if item.was and item.was in draft.names(instrument):
                draft.refuse(path, f"{item.was} is still a question here, so this one cannot have been it.")
            elif item.was and item.was in named:
                draft.refuse(path, f"{named[item.was]} was {item.was} already. One question can go on under one name.")
            named.setdefault(item.was, item.name)


def check_carried(draft: Draft) -> None:
    """Only what is answered again has an answer before it."""
    for name, schedule in draft.schedules().items():
        if schedule.is_once:
            for item in draft.items(name).values():
                if item.carry_over:
                    draft.refuse(f"instruments.{name}.items.{item.name}.carry_over", ONCE)


def greatest_size(item: Item) -> int:
    """The most bytes that an answer, or the reason why there is none, can take as JSON with its name."""
    type_of = KINDS[item.kind].type
    if type_of == "nothing":
        return 0
    reason = max(map(len, item.missing), default=0)
    return len(item.name) + 6 + max(SIZES[type_of](item), reason)


def _rows(item: Item) -> int:
    return item.at_most * (sum(map(greatest_size, item.items.values())) + 3)


# By the type of the answer. 24: the longest number, date or time. 90: a moment with the longest name of a zone.
SIZES = {
    "number": lambda item: 24,
    "yes_no": lambda item: 5,
    "date": lambda item: 24,
    "time": lambda item: 24,
    "moment": lambda item: 90,
    "code": lambda item: max(map(len, item.choices)),
    "codes": lambda item: sum(len(code) + 3 for code in (*item.choices, NONE)),
    "text": lambda item: 4 * item.max_length,
    "rows": _rows,
}
