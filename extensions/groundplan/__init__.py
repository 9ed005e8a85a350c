"""Feature plans and the tree they promise: the pack that stands beside Copier."""
