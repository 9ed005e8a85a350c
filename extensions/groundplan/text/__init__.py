"""Texts: Markdown in lossless blocks, YAML, and which elements of two sequences belong together."""
