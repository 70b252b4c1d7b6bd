"""Stand-ins for dbt's own macros, so that sqlfluff can render models without dbt. Nothing else reads this."""


def type_string() -> str:
    """Type of text."""
    return "string"


def type_timestamp() -> str:
    """Type of a timestamp."""
    return "timestamp"


def dateadd(part: str, interval: object, moment: str) -> str:
    """A moved timestamp."""
    return f"date_add({moment}, {interval}, '{part}')"


def datediff(first: str, second: str, part: str) -> str:
    """Boundaries between two timestamps."""
    return f"date_diff('{part}', {first}, {second})"
