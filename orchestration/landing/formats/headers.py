"""Header rows as names: one row, or several whose texts make up a name together, as survey tools export them."""

from collections.abc import Sequence

from orchestration.declaration.file_options import FileOptions

_BETWEEN = " - "


def combined(rows: Sequence[Sequence[str]], options: FileOptions) -> list[str]:
    """One name per column, from the rows that `options.names_from` takes (all unless said otherwise).

    A blank takes the text on its left in the same row, if a later row says something in its column: the question
    stands above its first choice only, like the first cell of merged ones. Equal texts are said once.

    Args:
        rows: Texts of the header's rows, from the first; shorter ones end in blanks.
        options: How the file is written.
    """
    width = max(map(len, rows), default=0)
    taken = [[text.strip() for text in rows[number - 1]] for number in options.names_from or range(1, len(rows) + 1)]
    taken = [row + [""] * (width - len(row)) for row in taken]
    names = []
    for position in range(width):
        texts: list[str] = []
        for number, row in enumerate(taken):
            text = row[position]
            if not text and any(later[position] for later in taken[number + 1 :]):
                text = next((left for left in reversed(row[:position]) if left), "")
            if text and text not in texts:
                texts.append(text)
        names.append(_BETWEEN.join(texts))
    return names
