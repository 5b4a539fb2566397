"""Learns from any labelled table which rows to look at, and says honestly what that earns."""
