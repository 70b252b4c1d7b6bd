"""Why a table cannot be landed."""


class LandingError(RuntimeError):
    """One table cannot be landed; other tables are not concerned. The message says what to do."""


class MissingSourceError(LandingError):
    """No file matches the pattern of a table that is not optional."""
