"""Which names of a file an entrypoint may mean."""

import pytest

from runs_app.domain.flow_functions import NoSuchFunction, find_function

MEANT = {
    "a function": ("def f(): ...", "f"),
    "a coroutine": ("async def f(): ...", "f"),
    "decorated": ("@flow(name='x')\n@retry\ndef f(): ...", "f"),
    "below if": ("if x:\n    def f(): ...\nelse:\n    def f(): ...", "f"),
    "below try": ("try:\n    import a\nexcept E:\n    b = 1\nelse:\n    def f(): ...", "f"),
    "written twice": ("def f(): ...\ndef f(a): ...", "f"),
    "a method": ("class C:\n    def f(self): ...", "C.f"),
    "a static method": ("class C:\n    @staticmethod\n    def f(): ...", "C.f"),
    "options": ("def f(): ...\ng = f.with_options(name='x')", "g"),
    "options of options": ("def f(): ...\ng = f.with_options()\nh = g.with_options()", "h"),
    "options twice": ("def f(): ...\ng = f.with_options().with_options()", "g"),
    "options of a method": ("class C:\n    def f(self): ...\ng = C.f.with_options()", "g"),
    "the same name elsewhere": ("def f(): ...\nx = [f for f in y]\ndef g(f=1): f = 2", "f"),
}


@pytest.mark.parametrize(("source", "name"), MEANT.values(), ids=MEANT)
def test_a_function_of_the_file_is_found(source: str, name: str) -> None:
    assert find_function(source, name).function.name == "f"


NOT_MEANT = {
    "imported": ("from subprocess import run as f", "f"),
    "imported by its name": ("from subprocess import f", "f"),
    "a module": ("import f", "f"),
    "a module of a package": ("import f.g", "f"),
    "of a module": ("import subprocess", "subprocess.run"),
    "an imported class": ("from a import C", "C.f"),
    "a value": ("f = run", "f"),
    "a lambda": ("f = lambda: 1", "f"),
    "a call": ("f = make()", "f"),
    "a part": ("f = partial(run)", "f"),
    "annotated": ("f: object = run", "f"),
    "unpacked": ("f, g = run, run", "f"),
    "walrus": ("print(f := run)", "f"),
    "walrus in a value": ("x = (f := run)", "f"),
    "a loop": ("for f in a: ...", "f"),
    "a context": ("with a as f: ...", "f"),
    "an error": ("try: ...\nexcept E as f: ...", "f"),
    "a pattern": ("match a:\n    case [f]: ...", "f"),
    "a class": ("class f: ...", "f"),
    "in a function": ("def g():\n    def f(): ...", "f"),
    "nothing": ("", "f"),
    "star": ("from a import *", "f"),
    "a builtin": ("", "exec"),
    "options of something imported": ("from a import f\ng = f.with_options()", "g"),
    "options of a module": ("import a\ng = a.f.with_options()", "g"),
    "options of a call": ("g = make().with_options()", "g"),
    "options of itself": ("g = g.with_options()", "g"),
    "options in a circle": ("g = h.with_options()\nh = g.with_options()", "g"),
    "another call of one": ("def f(): ...\ng = f.submit()", "g"),
    "imported or written": ("try:\n    from a import f\nexcept E:\n    def f(): ...", "f"),
    "written, then replaced": ("def f(): ...\nf = run", "f"),
    "written, then imported": ("def f(): ...\nfrom a import f", "f"),
    "a class that is replaced": ("class C:\n    def f(self): ...\nC = D", "C.f"),
    "a method that is replaced": ("class C:\n    def f(self): ...\n    f = run", "C.f"),
    "a value of a class": ("class C:\n    f = run", "C.f"),
    "inherited": ("class B:\n    def f(self): ...\nclass C(B): ...", "C.f"),
    "removed": ("def f(): ...\ndel f", "f"),
    "no Python": ("def f(", "f"),
    "deep": ("-" * 20_000 + "1", "f"),
    "many branches": ("if a: ...\n" + "elif a: ...\n" * 3000, "f"),
    "NUL": ("def f(): ...\0", "f"),
}


@pytest.mark.parametrize(("source", "name"), NOT_MEANT.values(), ids=NOT_MEANT)
def test_nothing_else_is(source: str, name: str) -> None:
    with pytest.raises(NoSuchFunction):
        find_function(source, name)
