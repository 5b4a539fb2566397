"""Notices when what is fed in, what comes out, or how right it is, is no longer as it was."""
