"""A plan on disk: its documents, its outline, its front matter and the tree that it draws."""
