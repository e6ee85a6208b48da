"""Slots and their ids: `slt_` and the start's Unix seconds, so that a start has the same id in every listing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parley.core.periods import Period
from parley.wire.reading import Fields
from parley.wire.writing import time_text

SLOT_ID = re.compile(r"slt_(0|[1-9]\d{0,11})", re.ASCII)


def slot_id(start: int) -> str:
    """The id of the slot that begins at `start`."""
    return f"slt_{start}"


def write_slot(slot: Period) -> dict[str, str]:
    """A slot as listed and selected."""
    return {"slot_id": slot_id(slot.start), "start": time_text(slot.start), "end": time_text(slot.end)}


def write_slots(slots: Iterable[Period]) -> dict[str, list[dict[str, str]]]:
    """The answer of a listing."""
    return {"slots": [write_slot(slot) for slot in slots]}


def write_chosen(slot: Period) -> dict[str, str]:
    """The agreed slot, which the published pages give another name for its id (docs/wire.md 2.6)."""
    return {"available_slot_id": slot_id(slot.start), **write_slot(slot)}


def read_slot_id(text: str) -> int | None:
    """The start that a slot id names; nothing where no slot can have this id."""
    found = SLOT_ID.fullmatch(text)
    return int(found[1]) if found else None


def read_selection(values: dict[str, object], most: int) -> list[int | None]:
    """The selected starts of a request; ids that no slot can have are None. Raises Invalid."""
    fields = Fields(values)
    starts = []
    for slot in fields.objects("selected_slots", most):
        name = "available_slot_id" if slot.get("slot_id") is None and slot.get("available_slot_id") else "slot_id"
        starts.append(read_slot_id(slot.required_text(name, 64)))
    fields.finish()
    return starts
