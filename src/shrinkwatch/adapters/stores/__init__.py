"""Where the journal and the alerts are kept."""
