"""Runs of Copier, many at a time, each in a scratch folder, and how their results reach the repository."""
