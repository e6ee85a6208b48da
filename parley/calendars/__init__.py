"""Where events are written and busy time comes from: one file per provider."""
