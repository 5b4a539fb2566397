"""The parts of an ARTS POSLog document, and what each is in the contract's words."""
