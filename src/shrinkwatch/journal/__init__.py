"""The diary: every transaction once, durable, in the order of arrival, in columns."""
