"""How far features are: for a terminal, for programs, and as a page."""
