"""One page per file, its template beside it."""
