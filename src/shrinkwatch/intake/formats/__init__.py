"""One file per format; a new one is found by being here."""
