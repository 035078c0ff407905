"""GMP, through gmpy2."""

import functools
import sys

from serve import Task


def start(tools):
    sys.path.insert(0, f"{tools}/wheels/gmpy2")
    return Gmp()


class Gmp:
    def __init__(self):
        import gmpy2

        self.gmp = gmpy2
        self.name = gmpy2.mp_version()
        self.read = functools.cache(self.read)

    def read(self, file):
        with open(file) as text:
            return self.gmp.mpz(text.read())

    def task(self, kind, numbers, files):
        compute = self.computation(kind, numbers, [self.read(file) for file in files])
        return compute and Task(compute, lambda number: number.digits(), lambda digits: digits.encode())

    def computation(self, kind, numbers, operands):
        gmp = self.gmp
        if kind == "fibonacci":
            return lambda: gmp.fib(numbers[0])
        if kind == "factorial":
            return lambda: gmp.fac(numbers[0])
        if kind == "binomial":
            return lambda: gmp.bincoef(*numbers)
        if kind == "power":
            return lambda: gmp.mpz(numbers[0]) ** numbers[1]
        if kind == "product":
            return lambda: operands[0] * operands[1]
        if kind == "conversion":
            return lambda: operands[0]
        return None
