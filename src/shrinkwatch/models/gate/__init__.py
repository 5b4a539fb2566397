"""Asks whether a new model may take the champion's place, by days that neither has learned from."""
