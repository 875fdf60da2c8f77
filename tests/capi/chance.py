"""Call every function of the library with arguments by chance; print what must not be.

    python chance.py LIBRARY CALLBACKS SEED CALLS

Pointers are null or lead to memory that suffices for the lengths drawn, sometimes misaligned;
lengths are small, negative or too large for any memory. No call may crash or find a defect of the
library, and a refusal has a message.
"""

from __future__ import annotations

import ctypes
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import capi_header

HEADER = capi_header.Header()
LARGEST = 2**63 - 1
LENGTHS = [-1, 0, 1, 2, 3, 3, 3, LARGEST, -LARGEST - 1]
INTEGERS = [-1, 0, 0, 1, 1, 2, 9, 2**31 - 1]
NUMBERS = [0.0, 1.0, 1.0, -1.0, 0.25, 1e-3, float("nan"), float("inf"), float("-inf"), 1e300]
# Work grows with these.
EFFORT = ("steps", "limit", "max_steps", "max_nfev")
KINDS = {
    "int": ctypes.c_int,
    "ptrdiff_t": ctypes.c_ssize_t,
    "size_t": ctypes.c_size_t,
    "double": ctypes.c_double,
    "float": ctypes.c_float,
}


def kind(ctype: str) -> type:
    """Return the type in ctypes."""
    return ctypes.c_void_p if "*" in ctype or ctype in HEADER.callbacks else KINDS[ctype]


def struct(name: str) -> type:
    """Return a struct of the header in ctypes."""
    fields = [(field, kind(ctype)) for ctype, field in HEADER.structs[name]]
    return type(name, (ctypes.Structure,), {"_fields_": fields})


class Chance:
    """Draws arguments."""

    def __init__(self, library: str, callbacks: str, seed: str) -> None:
        self.library = ctypes.CDLL(library)
        self.callbacks = ctypes.CDLL(callbacks)
        self.random = random.Random(seed)
        self.memory = [ctypes.create_string_buffer(1 << 16) for _ in range(4)]
        self.code = ctypes.c_int(0)
        self.kept: list[object] = []
        for place in self.memory[:2]:
            numbers = (ctypes.c_double * (len(place) // 8)).from_buffer(place)
            numbers[:] = [self.random.choice([0.0, 0.5, 1.0, 2.0]) for _ in numbers]

    def value(self, ctype: str, name: str) -> object:
        """Draw a number."""
        if name in EFFORT:
            return self.random.choice([-1, 0, 1, 20, 20, 20])
        if ctype == "ptrdiff_t":
            return self.random.choice(LENGTHS)
        return self.random.choice(INTEGERS if ctype == "int" else NUMBERS)

    def options(self, name: str) -> object:
        """Draw options of which a few are not the defaults."""
        found = struct(name)()
        init = getattr(self.library, f"{name}_init")
        assert init(ctypes.byref(found), ctypes.c_size_t(ctypes.sizeof(found))) == 0
        for ctype, field in HEADER.structs[name]:
            limits = field in EFFORT and getattr(found, field) == 0
            drawn = "*" not in ctype and ctype in KINDS and self.random.random() < 0.15
            if field != "size" and (limits or drawn):
                setattr(found, field, self.value(ctype, field))
        if self.random.random() < 0.05:
            found.size = self.random.choice([0, 8, found.size - 1, 1 << 40])
        if self.random.random() < 0.1 and name == "ft_ivp_options":
            found.jacobian = self.function("ft_rhs")
        self.kept.append(found)
        return ctypes.byref(found)

    def function(self, name: str) -> int | None:
        """Draw a callback."""
        return ctypes.cast(getattr(self.callbacks, f"call_{name}"), ctypes.c_void_p).value

    def argument(self, ctype: str, name: str) -> object:
        """Draw an argument."""
        chance = self.random.random()
        if ctype in HEADER.callbacks:
            return ctypes.c_void_p(self.function(ctype) if chance < 0.95 else None)
        if "*" not in ctype:
            if ctype == "size_t":
                return ctypes.c_size_t(self.random.choice([0, 8, 48, 200, 4096, 1 << 40]))
            return KINDS[ctype](self.value(ctype, name))
        if name == "ctx":
            return ctypes.byref(self.code) if chance < 0.3 else None
        if "char" in ctype:
            return b"words"
        if ctype.startswith("const struct"):
            return self.options(ctype.split()[2]) if chance < 0.7 else None
        if chance < 0.1:
            return None
        if name == "strides":
            drawn = [self.random.choice([-2, -1, 0, 1, 1, 3, 3, 4, LARGEST]) for _ in range(10)]
            self.kept.append((ctypes.c_ssize_t * 10)(*drawn))
            return ctypes.byref(self.kept[-1])
        place = ctypes.addressof(self.random.choice(self.memory)) + (1 << 15)
        offset = 64 * self.random.randrange(100) + (1 if chance < 0.12 else 0)
        return ctypes.c_void_p(place + offset)

    def call(self, name: str, arguments: capi_header.Pairs) -> str | None:
        """Call a function once; return what is wrong."""
        self.kept.clear()
        self.code.value = self.random.choice([0, 0, 3])
        status = getattr(self.library, name)(*[self.argument(*pair) for pair in arguments])
        self.library.ft_last_error_message.restype = ctypes.c_char_p
        message = self.library.ft_last_error_message().decode()
        self.library.ft_status_message.restype = ctypes.c_char_p
        known = self.library.ft_status_message(status) != b"unknown status"
        internal = dict(HEADER.enums["ft_status"])["FT_INTERNAL"]
        if not known or status == int(internal) or (status == 0) != (message == ""):
            return f"{name}: status {status}, {message}"
        return None


def main(library: str, callbacks: str, seed: str, calls: str) -> int:
    """Call, and print what is wrong."""
    chance = Chance(library, callbacks, seed)
    chance.library.ft_set_num_threads(2)
    left_out = ("ft_status_converged", "ft_get_num_threads", "ft_last_callback_code", "ft_report")
    wrong = good = 0
    for name, (result, arguments) in HEADER.functions.items():
        if result != "int" or name in (*left_out, "ft_set_num_threads"):
            continue
        for number in range(int(calls)):
            print(f"{name} {number}", file=sys.stderr)
            found = chance.call(name, arguments)
            good += found is None and chance.library.ft_last_error_message() == b""
            if found:
                wrong += 1
                print(found)
    print(f"{good} calls succeeded")
    return int(wrong > 0 or good == 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
