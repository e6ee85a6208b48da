"""Letters about conversations as people read them: words, a text and an HTML part, headers."""
