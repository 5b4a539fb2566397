"""The memory: what was known about everybody at the moment a transaction arrived."""
