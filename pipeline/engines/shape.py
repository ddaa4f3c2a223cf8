"""What an engine is: the builtin `map`, over what items fall into, in the order of its input."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

RARELY = (20_000, 20, 50)  # documents are many small tuples without cycles: looking for them took a tenth of the time


def whole(item: Any) -> tuple[Any]:
    """Return an item that does not fall into pieces."""
    return (item,)


class Map(Protocol):
    """Yields ``function(piece)`` for each piece that ``cut(item)`` yields of each item, in order.

    Items are cut where that is cheapest: here, or where the function is called.
    """

    def __call__(self, function: Callable[[Any], Any], items: Iterable[Any],
                 cut: Callable[[Any], Iterable[Any]] = whole) -> Iterable[Any]: ...


class EngineError(RuntimeError):
    """An engine cannot be used as asked."""


class WorkerDied(RuntimeError):
    """A worker process ended before its work did."""
