"""Further places that a finished generation is copied to; each is one module behind `protocol.Target`."""
