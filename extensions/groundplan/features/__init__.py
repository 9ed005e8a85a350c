"""Features made, updated and removed."""
