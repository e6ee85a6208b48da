"""The rules of a conversation: values in, values out; no clock, no randomness, no input or output."""
