"""The judge: probabilities become a few alerts that are worth more than their review."""
