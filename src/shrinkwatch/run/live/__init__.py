"""Scoring while it happens: what arrives is judged within a second."""
