"""Names that come near one that is not there, as a sentence for a message."""

import difflib
from collections.abc import Collection


def near(name: str, known: Collection[str]) -> str:
    """A sentence with the names that come nearest, for a message; all of them where few are known and none is near."""
    close = difflib.get_close_matches(name.lower(), known, n=5, cutoff=0.5)
    close += [other for other in sorted(known) if name.lower() in other and other not in close][:5]
    if not close and len(known) <= 30:
        close = sorted(known)
    return f" Did you mean {', '.join(close)}?" if close else ""
