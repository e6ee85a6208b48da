"""The JSON API: plain functions from an installation and a call to a reply."""
