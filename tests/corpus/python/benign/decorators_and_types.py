from __future__ import annotations

import functools
from typing import Generic, TypeVar

T = TypeVar("T")


class Box(Generic[T]):
    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    @functools.cached_property
    def value(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value!r:>10})"


match {"a": 1}:
    case {"a": int(n)} if n > 0:
        print((lambda x, /, *, y=2: x + y)(n))
    case _:
        pass
