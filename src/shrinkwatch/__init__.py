"""Shrinkwatch reads a shop's tills and says what was lost, where, and how sure it is."""

__version__ = "0.1.0"
