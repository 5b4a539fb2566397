"""The reader: bytes of any known till feed become transactions, or rejects that say why."""
