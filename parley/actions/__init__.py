"""All that changes something: gather, then decide and record in one transaction. One module per noun."""
