"""Shapes: what the kernel gives, and how the work is divided."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ferrotran.scale._arrays import Operand, Shape
from ferrotran.scale._errors import Index, Region

OPTIONS = ("casting", "dtype", "sig", "signature", "subok")
"""Keyword arguments of a kernel that do not move its dimensions about."""

TARGET = 1 << 24
"""Bytes of one chunk of all operands, where nothing else says how large it should be."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How one job is divided.

    Attributes
    ----------
    loop : tuple of int
        Broadcast shape of the loop dimensions.
    chunk : tuple of int
        Shape of one task over the loop dimensions.
    cores : tuple of int
        Number of core dimensions of each input.
    results : tuple of (tuple of int, dtype)
        Core shape and type of each output.
    """

    loop: Shape
    chunk: Shape
    cores: tuple[int, ...]
    results: tuple[tuple[Shape, np.dtype[Any]], ...]

    @property
    def grid(self) -> Shape:
        """Return the number of chunks in each loop dimension."""
        return tuple(-(-n // c) if n else 0 for n, c in zip(self.loop, self.chunk))

    def tasks(self) -> Iterator[Index]:
        """Return the indices of all chunks, the last dimension fastest."""
        return itertools.product(*(range(n) for n in self.grid))

    def region(self, index: Index) -> Region:
        """Return where a chunk lies among the loop dimensions."""
        return tuple(
            slice(i * c, min((i + 1) * c, n)) for i, c, n in zip(index, self.chunk, self.loop)
        )

    def output_region(self, index: Index, number: int = 0) -> Region:
        """Return where a chunk lies in an output."""
        core = self.results[number][0]
        return self.region(index) + tuple(slice(0, n) for n in core)

    def input_region(self, index: Index, shape: Shape, cores: int) -> Region:
        """Return what a chunk needs of an input."""
        ndim = len(shape) - cores
        region = self.region(index)[len(self.loop) - ndim :] if ndim else ()
        picked = tuple(slice(0, 1) if extent == 1 else part for extent, part in zip(shape, region))
        return picked + tuple(slice(0, n) for n in shape[ndim:])


def check_kernel(kernel: Any, inputs: int, options: Mapping[str, Any]) -> None:
    """Raise where the kernel is none, or its options do not go with chunks."""
    # numba's have what a ufunc has without being one.
    needed = ("nin", "nout", "signature", "__name__")
    if not (callable(kernel) and all(hasattr(kernel, name) for name in needed)):
        raise TypeError(
            f"`kernel` is of type {type(kernel).__name__}, expected a NumPy ufunc or gufunc"
        )
    if inputs != kernel.nin:
        raise ValueError(
            f"`inputs` has {inputs} arrays, expected {kernel.nin} for {kernel.__name__}"
        )
    for name in options:
        if name not in OPTIONS:
            raise TypeError(
                f"`kernel_options` has {name!r}, expected any of {', '.join(map(repr, OPTIONS))}"
            )


def core_names(kernel: np.ufunc) -> list[list[str]]:
    """Return the names of the core dimensions of each input."""
    if kernel.signature is None:
        return [[]] * kernel.nin
    inputs = kernel.signature.split("->")[0]
    return [
        [name.strip() for name in core.split(",") if name.strip()]
        for core in re.findall(r"\(([^)]*)\)", inputs)
    ]


def core_ndims(kernel: np.ufunc, shapes: Sequence[Shape]) -> tuple[int, ...]:
    """Return the number of core dimensions of each input.

    A dimension with a question mark is left out of every operand when one is too short for it.
    """
    names = core_names(kernel)
    left_out: set[str] = set()
    for shape, core in zip(shapes, names):
        if len(shape) < len(core):
            left_out |= {name for name in core if name.endswith("?")}
    counts = tuple(sum(name not in left_out for name in core) for core in names)
    for number, (shape, count) in enumerate(zip(shapes, counts)):
        if len(shape) < count:
            raise ValueError(
                f"`inputs[{number}]` has shape {shape}, expected at least {count} dimensions "
                f"for the signature {kernel.signature}"
            )
    return counts


def loop_shape(shapes: Sequence[Shape], cores: Sequence[int]) -> Shape:
    """Broadcast the loop dimensions."""
    loops = [shape[: len(shape) - count] for shape, count in zip(shapes, cores)]
    try:
        return np.broadcast_shapes(*loops)
    except ValueError as error:
        text = ", ".join(f"inputs[{i}]: {s}" for i, s in enumerate(loops))
        raise ValueError(f"the loop dimensions do not broadcast ({text})") from error


def results(
    kernel: np.ufunc,
    inputs: Sequence[Operand],
    cores: Sequence[int],
    options: Mapping[str, Any],
) -> tuple[tuple[Shape, np.dtype[Any]], ...]:
    """Return core shape and type of each output.

    The kernel itself says, called with an empty loop.
    """
    empty = []
    looped = False
    for x, count, names in zip(inputs, cores, core_names(kernel)):
        core = x.shape[len(x.shape) - count :] if count else ()
        has_loop = count == len(names)  # else a loop would be taken for the core dimension left out
        looped |= has_loop
        shape = (0, *core) if has_loop else core
        empty.append(np.broadcast_to(np.zeros((), x.dtype), shape))
    try:
        with np.errstate(all="ignore"):
            given = kernel(*empty, **options)
    except (TypeError, ValueError) as error:
        text = ", ".join(f"{x.name}: {x.shape} {x.dtype}" for x in inputs)
        raise type(error)(
            f"{kernel.__name__} does not take these `inputs` ({text}): {error}"
        ) from error
    tuples = given if isinstance(given, tuple) else (given,)
    arrays = [np.asarray(x) for x in tuples]
    return tuple((x.shape[1:] if looped else x.shape, x.dtype) for x in arrays)


def choose(
    loop: Shape,
    chunks: Shape | None,
    outputs: Sequence[Operand | None],
    inputs: Sequence[Operand],
    cores: Sequence[int],
    row: int,
) -> Shape:
    """Return the chunk of the loop dimensions.

    What the caller says goes first, then the chunks of the outputs, those of the inputs, and at
    last so many rows of `row` bytes an element as make some 16 MiB.
    """
    if chunks is not None:
        return _checked(loop, chunks)
    for x in outputs:
        if x is not None and x.writes is not None:
            return _clip(loop, x.writes[: len(loop)])
    found: list[int | None] = [None] * len(loop)
    for x, count in zip(inputs, cores):
        if x.reads is None:
            continue
        ndim = len(x.shape) - count
        for axis in range(ndim):
            place = len(loop) - ndim + axis
            if x.shape[axis] != 1 or loop[place] == 1:
                found[place] = max(found[place] or 1, x.reads[axis])
    if any(c is not None for c in found):
        return _clip(loop, tuple(n if c is None else c for n, c in zip(loop, found)))
    return _default(loop, row)


def _clip(loop: Shape, chunk: Shape) -> Shape:
    return tuple(max(1, min(n, c)) for n, c in zip(loop, chunk))


def _checked(loop: Shape, chunks: Any) -> Shape:
    if isinstance(chunks, int | np.integer):
        chunks = (chunks,)
    if not isinstance(chunks, tuple | list):
        raise TypeError(f"`chunks` is {chunks!r}, expected an integer or a tuple of integers")
    wanted = tuple(chunks)
    if len(wanted) != len(loop):
        raise ValueError(
            f"`chunks` is {wanted}, expected {len(loop)} lengths, one for each loop dimension "
            f"of {loop}"
        )
    for c in wanted:
        if not isinstance(c, int | np.integer) or isinstance(c, bool):
            raise TypeError(f"`chunks` is {wanted}, expected integers")
        if c < 1:
            raise ValueError(f"`chunks` is {wanted}, expected lengths of 1 or more")
    return _clip(loop, tuple(int(c) for c in wanted))


def _default(loop: Shape, row: int) -> Shape:
    chunk = list(loop)
    for axis, n in enumerate(loop):
        inner = math.prod(loop[axis + 1 :]) * max(row, 1)
        if n * inner > TARGET:
            chunk[axis] = max(1, min(n, TARGET // max(inner, 1)))
        else:
            break
    return _clip(loop, tuple(chunk))


def check_outputs(plan: Plan, outputs: Sequence[Operand]) -> None:
    """Raise where two tasks would write one chunk of an output."""
    for x in outputs:
        if x.writes is None:
            continue
        for axis, (n, c, w) in enumerate(zip(plan.loop, plan.chunk, x.writes)):
            if c < n and c % w:
                unit = "shards" if x.writes != x.reads else "chunks"
                raise ValueError(
                    f"`chunks` is {plan.chunk}, but `{x.name}` has {unit} of {x.writes}: along "
                    f"axis {axis} two tasks would write one of them. Take a multiple of {w} there"
                )


def check_inputs(plan: Plan, inputs: Sequence[Operand]) -> None:
    """Raise where chunks of an input lie across tasks or cut core dimensions."""
    for x, count in zip(inputs, plan.cores):
        if x.reads is None:
            continue
        ndim = len(x.shape) - count
        for axis in range(ndim, len(x.shape)):
            if x.reads[axis] < x.shape[axis]:
                raise ValueError(
                    f"`{x.name}` has chunks of {x.reads[axis]} along axis {axis}, a core "
                    f"dimension of length {x.shape[axis]} that the kernel needs whole. Rewrite "
                    "it with one chunk there, or pass rechunk=True to read across its chunks"
                )
        for axis in range(ndim):
            place = len(plan.loop) - ndim + axis
            n, c, r = x.shape[axis], plan.chunk[place], x.reads[axis]
            if n > 1 and c < n and c % r:
                raise ValueError(
                    f"`{x.name}` has chunks of {r} along axis {axis}, but a task has {c} there, "
                    f"so chunks would be read more than once. Pass `chunks` with a multiple of "
                    f"{r} for loop dimension {place} (such as {math.lcm(c, r)}), or rechunk=True "
                    "to read across them"
                )
