"""The numbered steps that make a database what the code expects, applied once each and in order."""
