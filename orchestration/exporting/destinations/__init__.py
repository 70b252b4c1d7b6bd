"""Where lists go: one module a kind of destination, behind one protocol."""
