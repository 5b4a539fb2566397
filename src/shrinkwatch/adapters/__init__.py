"""The strangers: everything that talks to a database, a disk format or a network."""
