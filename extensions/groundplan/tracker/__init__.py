"""A plan and its issue in the tracker: what to write there, what to take back, and one module a forge."""
