"""FLINT, through the functions of its library: integers in binary (`flint`), and its integers in decimal limbs
(`flint_radix`).

The library is the one that was built for this machine, or else that of the wheel of python-flint.
"""

import ctypes
import functools
import glob
import os

from serve import Task

ulong, pointer = ctypes.c_ulong, ctypes.c_void_p


def library(tools):
    """The library, and what to say of it behind its version."""
    built = f"{tools}/flint/lib/libflint.so"
    if os.path.exists(built):
        return ctypes.CDLL(built), ""
    return ctypes.CDLL(glob.glob(f"{tools}/wheels/python-flint/python_flint.libs/libflint*")[0]), " (wheel)"


def start(tools):
    return Flint(*library(tools))


class Rival:
    """What both sorts of integers have in common."""

    def __init__(self, library, remark):
        self.library = library
        version = ctypes.c_char_p(ctypes.addressof(ctypes.c_char.in_dll(library, "flint_version")))
        self.name = f"{self.kind} {version.value.decode()}{remark}"
        library.flint_malloc.restype = pointer
        library.flint_free.argtypes = [pointer]
        self.read = functools.cache(self.read)

    def task(self, kind, numbers, files):
        compute = self.computation(kind, numbers, [self.read(file) for file in files])
        return compute and Task(compute, self.digits, lambda text: text.value)

    def from_text(self, file):
        """A number in binary, as FLINT keeps it."""
        number = Number(self.library)
        with open(file, "rb") as text:
            self.library.fmpz_set_str(number.reference(), text.read(), 10)
        return number


class Text:
    """A text in memory of FLINT's."""

    def __init__(self, library, address):
        self.library, self.address = library, address

    @property
    def value(self):
        return ctypes.string_at(self.address)

    def __del__(self):
        self.library.flint_free(self.address)


class Number:
    """An integer in binary: an `fmpz`."""

    def __init__(self, library):
        self.library, self.word = library, ctypes.c_long(0)

    def reference(self):
        return ctypes.byref(self.word)

    def __del__(self):
        self.library.fmpz_clear(self.reference())


class Flint(Rival):
    kind = "FLINT"

    def __init__(self, library, remark):
        super().__init__(library, remark)
        library.fmpz_get_str.restype = pointer
        library.fmpz_fib_ui.argtypes = library.fmpz_fac_ui.argtypes = [pointer, ulong]
        library.fmpz_bin_uiui.argtypes = library.fmpz_ui_pow_ui.argtypes = [pointer, ulong, ulong]

    def read(self, file):
        return self.from_text(file)

    def digits(self, number):
        return Text(self.library, self.library.fmpz_get_str(None, 10, number.reference()))

    def computation(self, kind, numbers, operands):
        functions = {
            "fibonacci": "fmpz_fib_ui",
            "factorial": "fmpz_fac_ui",
            "binomial": "fmpz_bin_uiui",
            "power": "fmpz_ui_pow_ui",
            "product": "fmpz_mul",
        }
        if kind == "conversion":
            return lambda: operands[0]
        if kind not in functions:
            return None
        function = getattr(self.library, functions[kind])
        arguments = [operand.reference() for operand in operands] or numbers

        def compute():
            number = Number(self.library)
            function(number.reference(), *arguments)
            return number

        return compute
