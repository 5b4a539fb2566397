"""The door: tills and feeds send, people look, other programs ask."""
