"""Measures the service beside a ceiling: `make bench`, docs/performance.md."""
