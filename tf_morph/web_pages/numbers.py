"""Numbers as a page writes them."""

import math


def short(value: float) -> str:
    """A number in four significant digits at most, without needless zeros."""
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e7:
        return f"{value:,.0f}"
    return f"{value:.4g}"
