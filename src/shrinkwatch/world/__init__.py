"""A simulated chain of shops with known thefts and honest look-alikes."""
