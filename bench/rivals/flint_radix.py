"""FLINT's integers in limbs of 10^19.

It has no function for Fibonacci numbers in them: here they are made of its products, squares and sums, by the formulas
that GMP and FLINT use for their own.
"""

import ctypes

import flint
from flint import Rival, Text, pointer, ulong

# More than the structure of a radix takes.
RADIX_BYTES = 1 << 14


def start(tools):
    return FlintRadix(*flint.library(tools))


class Limbs(ctypes.Structure):
    """A `radix_integer`."""

    _fields_ = [("limbs", pointer), ("allocated", ctypes.c_long), ("size", ctypes.c_long)]


class Decimal:
    """An integer in decimal limbs."""

    def __init__(self, rival):
        self.rival, self.value = rival, Limbs()
        rival.library.radix_integer_init(self.reference(), rival.radix)

    def reference(self):
        return ctypes.byref(self.value)

    def __del__(self):
        self.rival.library.radix_integer_clear(self.reference(), self.rival.radix)

    def __add__(self, other):
        return self.rival.combine("add", self, other)

    def __sub__(self, other):
        return self.rival.combine("sub", self, other)

    def __mul__(self, other):
        return self.rival.combine("mul", self, other)


class FlintRadix(Rival):
    kind = "FLINT radix"

    def __init__(self, library, remark):
        super().__init__(library, remark)
        self.radix = ctypes.create_string_buffer(RADIX_BYTES)
        library.radix_init(self.radix, ulong(10), ctypes.c_uint(0))
        library.radix_integer_set_ui.argtypes = [pointer, ulong, pointer]
        library.radix_get_str_decimal.restype = pointer
        library.radix_get_str_decimal.argtypes = [pointer, pointer, ctypes.c_long, ctypes.c_int, pointer]

    def small(self, value):
        number = Decimal(self)
        self.library.radix_integer_set_ui(number.reference(), value, self.radix)
        return number

    def combine(self, operation, first, second):
        number = Decimal(self)
        function = getattr(self.library, f"radix_integer_{operation}")
        function(number.reference(), first.reference(), second.reference(), self.radix)
        return number

    def read(self, file):
        # It has to live until it is read.
        binary = self.from_text(file)
        number = Decimal(self)
        self.library.radix_integer_set_fmpz(number.reference(), binary.reference(), self.radix)
        return number

    def digits(self, number):
        limbs, size = number.value.limbs, number.value.size
        return Text(self.library, self.library.radix_get_str_decimal(None, limbs, size, 0, self.radix))

    def computation(self, kind, numbers, operands):
        if kind == "fibonacci":
            return lambda: self.fibonacci(numbers[0])
        if kind == "product":
            return lambda: operands[0] * operands[1]
        return None

    def fibonacci(self, n):
        two = self.small(2)
        # F(k) and F(k-1), from k = 0 on.
        current, before = self.small(0), self.small(1)
        *bits, last = f"{n:b}"
        odd = False
        for bit in bits:
            squares = current * current, before * before
            del current, before
            # F(2k+1) = 4 F(k)^2 - F(k-1)^2 + 2 (-1)^k, F(2k-1) = F(k)^2 + F(k-1)^2.
            twice = squares[0] + squares[0]
            above = self.combine("sub" if odd else "add", twice + twice - squares[1], two)
            below = squares[0] + squares[1]
            del squares, twice
            odd = bit == "1"
            current, before = (above, above - below) if odd else (above - below, below)
            del above, below
        if last == "0":
            return current * (current + before + before)
        twice = current + current
        return self.combine("sub" if odd else "add", (twice + before) * (twice - before), two)
