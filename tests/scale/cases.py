"""Jobs that every engine has to do alike, to the last bit."""

import dataclasses
from pathlib import Path

import ferrotran as ft
import numpy as np
from ferrotran import scale


@dataclasses.dataclass
class Case:
    """One call of `map_chunks`.

    `stores` says where each input lies: a chunk shape for zarr, "memory" or "memmap". `out` does
    so for the output: "zarr", "memory", "memmap", or a dict with options of `create`.
    """

    kernel: np.ufunc
    inputs: list
    stores: list
    out: object = "zarr"
    options: dict = dataclasses.field(default_factory=dict)

    def expected(self):
        given = self.kernel(*self.inputs, **self.options.get("kernel_options", {}))
        return [np.asarray(x) for x in (given if isinstance(given, tuple) else (given,))]

    def write(self, folder):
        """Write the inputs."""
        for n, (x, store) in enumerate(zip(self.inputs, self.stores)):
            if store == "memmap":
                np.ascontiguousarray(x).tofile(Path(folder) / f"{n}.bin")
            elif store != "memory":
                scale.create(Path(folder) / f"{n}.zarr", x.shape, x.dtype, store)[...] = x

    def map(self, folder, name, **engine):
        """Call `map_chunks`; return the results as NumPy arrays."""
        inputs = [self.input(Path(folder), n) for n in range(len(self.inputs))]
        outputs = [
            self.output(Path(folder) / f"{name}{n}", x) for n, x in enumerate(self.expected())
        ]
        output = outputs[0] if len(outputs) == 1 else outputs
        report = scale.map_chunks(self.kernel, inputs, output, **self.options, **engine)
        found = report.output if isinstance(report.output, tuple) else (report.output,)
        return [np.asarray(x[...]) for x in found]

    def input(self, folder, n):
        x, store = self.inputs[n], self.stores[n]
        if store == "memory":
            return x
        if store == "memmap":
            return np.memmap(folder / f"{n}.bin", x.dtype, "r", shape=x.shape)
        return folder / f"{n}.zarr"

    def output(self, path, expected):
        if self.out == "memory":
            return np.empty_like(expected)
        if self.out == "memmap":
            mode = "r+" if path.exists() else "w+"
            return np.memmap(path, expected.dtype, mode, shape=expected.shape)
        return path


def build():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(60, 50))
    n = 40
    bands = [rng.uniform(0, 1, (30, n - 1)), rng.uniform(3, 4, (30, n)), rng.uniform(0, 1, n - 1)]
    return {
        "add, broadcast over three dimensions": Case(
            np.add,
            [rng.normal(size=(6, 1, 50)), rng.normal(size=(40, 1))],
            [(2, 1, 25), (10, 1)],
            options={"chunks": (2, 10, 25)},
        ),
        "hypot of F order and reversed strides": Case(
            np.hypot,
            [np.asfortranarray(x), x[::-1, ::-1]],
            ["memory", "memory"],
            "memory",
            {"chunks": (7, 20)},
        ),
        "erf from zarr to zarr": Case(ft.special.erf, [x], [(10, 50)]),
        "erf in single precision": Case(ft.special.erf, [x.astype("f4")], [(16, 16)]),
        "erf of big-endian numbers": Case(ft.special.erf, [x.astype(">f8")], [(16, 50)]),
        "erf between memmaps": Case(
            ft.special.erf, [x], ["memmap"], "memmap", {"chunks": (13, 17)}
        ),
        "erf of one number": Case(ft.special.erf, [np.array(0.5)], [()]),
        "erf of nothing": Case(ft.special.erf, [np.empty((0, 4))], [(1, 4)]),
        "hypot with an empty loop": Case(np.hypot, [x[:, :0], x[:1, :0]], ["memory"] * 2, "memory"),
        "tridiagonal systems": Case(
            ft.linalg.solve_tridiagonal,
            [*bands, rng.normal(size=(5, 1, n))],
            [(10, n - 1), (10, n), "memory", "memory"],
            options={"chunks": (1, 10)},
        ),
        "vecdot, which contracts": Case(
            np.vecdot,
            [rng.normal(size=(30, 8)), rng.normal(size=(4, 1, 8))],
            [(10, 8), "memory"],
            options={"chunks": (2, 10)},
        ),
        "matmul of matrices and one vector": Case(
            np.matmul, [rng.normal(size=(12, 5, 6)), rng.normal(size=6)], [(4, 5, 6), "memory"]
        ),
        "matmul of two vectors": Case(np.matmul, [x[0], x[1]], ["memory"] * 2, "memory"),
        "modf, with two outputs": Case(np.modf, [x], [(10, 50)]),
        "divmod, with two outputs in memory": Case(
            np.divmod, [x, np.abs(x[0]) + 1], [(10, 50), "memory"], "memory"
        ),
        "sum in double of single precision": Case(
            np.add,
            [x.astype("f4"), x.astype("f4")],
            ["memory"] * 2,
            options={"chunks": 20 * (1,) and (20, 50), "kernel_options": {"dtype": "f8"}},
        ),
        "across chunks": Case(
            np.vecdot,
            [x, x],
            [(7, 9), (60, 50)],
            options={"chunks": 20, "rechunk": True},
        ),
    }


CASES = build()


def same(found, expected):
    """Whether arrays agree in shape, type (but for the order of bytes) and every bit."""
    return all(
        a.shape == b.shape
        and a.dtype.newbyteorder("=") == b.dtype.newbyteorder("=")
        and a.astype(a.dtype.newbyteorder("=")).tobytes()
        == b.astype(b.dtype.newbyteorder("=")).tobytes()
        for a, b in zip(found, expected, strict=True)
    )
