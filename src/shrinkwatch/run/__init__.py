"""The front door: settings, the command line, and the loops that keep the rest going."""
