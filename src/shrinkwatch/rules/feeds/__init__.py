"""What is odd about the feeds themselves, and which schemes that hides."""
