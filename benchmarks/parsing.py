"""Measure what checking an entry costs: python -m benchmarks.parsing

10,000 made-up evening diaries of the shipped study, as the JSON that an app sends. The baseline is what nothing can do
without: msgspec decoding the same bytes into the same names and bare types, without limits, branches or texts checked.
One process on one core; the lines take turns within each round, so that a busy neighbour slows all of them; a figure is
the median of seven rounds, its spread (fastest - slowest) / median, the ratio that of the same round.
"""

import json
import random
from collections.abc import Callable
from datetime import date
from statistics import median

import msgspec

from benchmarks.opening import Round, entry_of, rates, table
from studyportal.protocol import KINDS, SHIPPED, Instrument, load_protocol

ENTRIES = 10_000
GOAL = 1 / 3
DAY = date(2026, 1, 5)


def bare_decoder(instrument: Instrument) -> msgspec.json.Decoder:
    """A decoder that knows names and types, and nothing else."""
    asked = [(item, KINDS[item.kind]) for item in instrument.items.values() if KINDS[item.kind].answered]
    fields = [(f"f{number}", kind.wire | None, None) for number, (_, kind) in enumerate(asked)]
    names = {f"f{number}": item.name for number, (item, _) in enumerate(asked)}
    return msgspec.json.Decoder(msgspec.defstruct("Bare", fields, rename=names, kw_only=True))


def main() -> None:
    """Print entries a second, and whether the goal is reached."""
    protocol, rng = load_protocol(SHIPPED), random.Random(20260105)
    evening = protocol.instruments["evening"]
    sent = [msgspec.json.encode(entry_of(evening, protocol, day=DAY, rng=rng).answers) for _ in range(ENTRIES)]
    bare = bare_decoder(evening).decode

    def each(action: Callable[[bytes], object]) -> Round:
        def once() -> int:
            for data in sent:
                action(data)
            return ENTRIES

        return once

    size = sum(map(len, sent)) / ENTRIES
    alone, ours = "msgspec, names and types only", "parse_json: every rule of the study checked"
    table(
        f"{ENTRIES:,} evening diaries of {size:.0f} bytes; entries",
        {
            alone: each(bare),
            ours: each(evening.parse_json),
            "parse_json and to_wire, as for an entry to be sealed": each(
                lambda data: evening.parse_json(data).to_wire()
            ),
            "json.loads and parse, as where something is wrong": each(lambda data: evening.parse(json.loads(data))),
        },
    )
    # Once more with nothing between the two that are compared.
    found = rates({alone: each(bare), ours: each(evening.parse_json)})
    ratios = sorted(one / other for one, other in zip(found[ours], found[alone], strict=True))
    verdict = "reached" if median(ratios) >= GOAL else "MISSED"
    print(f"\nGoal a third of the bare decoding: {median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}), {verdict}.")


if __name__ == "__main__":
    main()
