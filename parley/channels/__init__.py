"""The ways to tell the world: mail, and calls to addresses that others gave us. A message may be told twice."""
