"""How every command of `cx` ends where it cannot do what it was told."""

import typer

EXIT_BUSY = 75  # EX_TEMPFAIL: try again later
EXIT_USAGE = 2


def fail(message: str, code: int = 1) -> typer.Exit:
    """Say why on standard error; raise what is returned."""
    typer.echo(message, err=True)
    return typer.Exit(code)
