"""What the chain's shelves hold, what its books say they hold, and why the two differ."""
