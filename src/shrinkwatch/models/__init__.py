"""What learns: from counted evidence, and later from labels, to a probability."""
