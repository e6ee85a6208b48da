"""Parley: a service that carries a scheduling conversation until a time is agreed."""

__version__ = "0.1.0"
