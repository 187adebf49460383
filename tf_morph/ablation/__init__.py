"""Ablations: variants of a config trained and evaluated under several seeds, and what they say."""
