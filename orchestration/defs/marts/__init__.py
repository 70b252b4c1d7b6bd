"""The marts: what BI reads."""
