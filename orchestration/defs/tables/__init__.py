"""Tables that Python steps write, held against their declaration."""
