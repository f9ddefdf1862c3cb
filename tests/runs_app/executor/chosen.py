"""What a file has besides functions of its own. Some of these must not be an entrypoint."""

from functools import partial
from os import system as imported_function
from subprocess import Popen as ImportedClass
from typing import Any

from sibling import helper  # type: ignore[import-not-found]  # beside this file, when it is run

__all__ = ["ImportedClass", "imported_function", "partially"]
partially = partial(imported_function, "true")


class Option:
    """Stands for a Prefect flow: a copy of it has other options."""

    def __init__(self, fn: Any) -> None:
        self.fn = fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)

    def with_options(self, **_: Any) -> "Option":
        return Option(self.fn)


@Option
def plain(n: int = 1) -> None:
    print(helper(n))


renamed = plain.with_options(name="renamed")


class Shop:
    total = 1

    def instance(self, n: int) -> None:
        print("instance", self.total + n)

    @classmethod
    def of_class(cls, n: int) -> None:
        print("class", cls.total + n)

    @staticmethod
    def static(n: int) -> None:
        print("static", n)

    command = staticmethod(imported_function)
