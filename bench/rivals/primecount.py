"""primecount, as a library, on one thread."""

import ctypes

from primesieve import library, version
from serve import Task


def start(tools):
    # It finds its own primesieve beside itself.
    return Primecount(library(tools, "primecount"))


class Primecount:
    def __init__(self, library):
        self.library = library
        self.name = f"primecount {version(library, 'primecount_version')}"
        library.primecount_set_num_threads(1)
        library.primecount_pi.restype = ctypes.c_int64
        library.primecount_pi.argtypes = [ctypes.c_int64]

    def task(self, kind, numbers, files):
        return Task(lambda: self.library.primecount_pi(numbers[0])) if kind == "pi" else None
