"""The file on the desk: receipts as printed, and a subject's history."""
