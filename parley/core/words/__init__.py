"""The words of answers by mail, one table per language; a language is added with a file here and a row below."""

from __future__ import annotations

from parley.core.words import english, german
from parley.core.words.table import Words

LANGUAGES: tuple[Words, ...] = (english.WORDS, german.WORDS)
