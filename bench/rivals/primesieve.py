"""primesieve, as a library, on one thread."""

import ctypes
import glob

from serve import Task

ulonglong = ctypes.c_uint64

# The code by which primesieve is asked for primes of 64 bits.
UINT64_PRIMES = 13

# Primes are made in pieces of this length, which all stay in memory.
PIECE = 10**8


def start(tools):
    return Primesieve(library(tools, "primesieve"))


def library(tools, name):
    folder = f"{tools}/wheels/passagemath-primesieve-primecount/passagemath_primesieve_primecount.libs"
    return ctypes.CDLL(glob.glob(f"{folder}/lib{name}-*")[0])


def version(library, function):
    function = getattr(library, function)
    function.restype = ctypes.c_char_p
    return function().decode()


class Primesieve:
    def __init__(self, library):
        self.library = library
        self.name = f"primesieve {version(library, 'primesieve_version')}"
        library.primesieve_set_num_threads(1)
        library.primesieve_count_primes.restype = ulonglong
        library.primesieve_count_primes.argtypes = [ulonglong, ulonglong]
        library.primesieve_generate_primes.restype = ctypes.c_void_p
        library.primesieve_generate_primes.argtypes = [ulonglong, ulonglong, ctypes.c_void_p, ctypes.c_int]
        library.primesieve_free.argtypes = [ctypes.c_void_p]

    def task(self, kind, numbers, files):
        if kind == "count":
            return Task(lambda: self.library.primesieve_count_primes(*numbers))
        if kind == "sum":
            return Task(lambda: self.pieces(numbers[0]), text=lambda pieces: str(sum(map(self.add, pieces))))
        return None

    def pieces(self, end):
        """All primes up to `end`, in memory."""
        pieces = []
        for start in range(0, end + 1, PIECE):
            size = ctypes.c_size_t()
            stop = min(start + PIECE - 1, end)
            address = self.library.primesieve_generate_primes(start, stop, ctypes.byref(size), UINT64_PRIMES)
            pieces.append((address, size.value))
        return pieces

    def add(self, piece):
        """The sum of a piece, which is given back."""
        address, size = piece
        primes = memoryview((ulonglong * size).from_address(address)).cast("B").cast("Q")
        total = sum(primes)
        del primes
        self.library.primesieve_free(address)
        return total
