"""Settings, the command line and the loops."""
