"""Tables that are pulled from a database or an API: which window is due, and what of it is new."""
