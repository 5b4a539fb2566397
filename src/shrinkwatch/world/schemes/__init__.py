"""One theft per file: how often, how much, how hard to see, and where that is known from."""
