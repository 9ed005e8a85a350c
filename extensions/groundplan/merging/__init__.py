"""Merging by structure: three versions of a document, unit by unit."""
