"""How alike two texts are. Knows no dataset and no rule."""

__all__ = ["indel_ratio"]


def indel_ratio(a: str, b: str) -> float:
    """Return 1 - (insertions + deletions that turn `a` into `b`) / (len(a) + len(b)).

    1.0 for two equal texts, two empty ones included. This is what `Levenshtein.ratio` computes:
    a substitution costs two, unlike in Levenshtein's own distance.

    Source: H. Hyyro, "Bit-parallel LCS-length computation revisited", 2004. The set bits of
    `row` mark where the longest common subsequence has not grown.
    """
    total = len(a) + len(b)
    if total == 0:
        return 1.0
    if len(a) > len(b):  # the machine words are as long as the shorter text
        a, b = b, a
    places: dict[str, int] = {}
    for index, letter in enumerate(a):
        places[letter] = places.get(letter, 0) | 1 << index
    full = (1 << len(a)) - 1
    row = full
    for letter in b:
        matches = row & places.get(letter, 0)
        if matches:
            row = ((row + matches) | (row - matches)) & full
    common = len(a) - row.bit_count()
    # Not `2 * common / total`: the published scripts compare the result of this very expression
    # with 0.8, and the two differ in the last bit.
    return 1.0 - (total - 2 * common) / total
