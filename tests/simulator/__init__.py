"""A simulated world of conversations: after whatever happens in it the rules of `docs/concepts.md` must hold.

Everything in a world follows from its seed. `make simulate SEEDS=1 SEED=17` lives the world of seed 17 again.
"""
