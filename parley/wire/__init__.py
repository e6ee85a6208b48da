"""JSON to values of the core and back: one contract for everything that speaks it. `docs/wire.md` tells it in words."""
