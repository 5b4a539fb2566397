"""Tells people of new alerts: whom, when, in which words, and again until it arrives."""
