"""The tables, the picture and the page of `scaling.py`, from its figures alone."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import model
from model import Machine

#: A typical cluster, an assumption: a node of 64 ranks, a core each, with a link of 200 Gb/s that
#: they share; a message takes 2 microseconds, a stage of Allreduce 3.
NODE, LATENCY, LINK, STAGE = 64, 2e-6, 25e9, 3e-6
PREDICTED = (1, 100, 1_000, 10_000, 100_000)
#: Side of the grid that ranks of the cluster share, and of the block of each where it grows.
STRONG_SIDE, WEAK_SIDE = 32768, 1024

BEGIN = re.compile(r"<!-- scaling:begin (.+?) -->\n")
END = "<!-- scaling:end -->"


def library() -> str:
    """Name the MPI library, without starting it: its traces would confuse `mpirun`."""
    import mpi4py

    mpi4py.rc.initialize = False
    from mpi4py import MPI

    return MPI.Get_library_version().split(",")[0].split("\n")[0].strip("\x00 ")


def here(found: Mapping[str, Any]) -> Machine:
    """Return the constants that were measured: medians."""
    trips = {int(size): times[0] for size, times in found["ping_pong"].items()}
    small, large = min(trips), 262144
    return Machine(
        latency=trips[small],
        bandwidth=large / max(trips[large] - trips[small], 1e-12),
        reduction=found["reduction"][0],
        call=found["call"][0],
        check=found["check"][0],
        cells={
            int(side): {int(halo): times[0] for halo, times in each.items()}
            for side, each in found["cells"].items()
        },
        strips={
            int(halo): statistics.fmean(times[0] for times in both)
            for halo, both in found["strips"].items()
        },
    )


def cluster(found: Mapping[str, Any]) -> Machine:
    """Return the cluster: its network is assumed, its cores are those of this machine."""
    mine = here(found)
    return Machine(LATENCY, LINK / NODE, STAGE, mine.call, mine.check, mine.cells, mine.strips)


def number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of markdown; the first column is text, the others are figures."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))


def runs(found: Mapping[str, Any]) -> list[tuple[str, tuple[int, int], int, list[float]]]:
    """Return name, shape, ranks and times of every measured run."""
    listed = []
    for side, each in found["strong"].items():
        for ranks, times in each.items():
            listed.append((f"{side} x {side}", (int(side), int(side)), int(ranks), times))
    side = found["weak_side"]
    for ranks, times in found["weak"].items():
        rows, columns = (side * parts for parts in model.dims(int(ranks)))
        listed.append((f"{side} x {side} each", (rows, columns), int(ranks), times))
    return listed


def constants(found: Mapping[str, Any]) -> str:
    """Return the table of what the model is made of."""
    mine, net = here(found), cluster(found)
    side = str(max(map(int, found["cells"])))
    rows = [
        ["latency, µs", number(mine.latency * 1e6), number(net.latency * 1e6)],
        ["bandwidth of a rank, GB/s", number(mine.bandwidth / 1e9), number(net.bandwidth / 1e9)],
        ["a stage of Allreduce, µs", number(mine.reduction * 1e6), number(net.reduction * 1e6)],
        ["a call of the kernel, µs", number(mine.call * 1e6), "as here"],
        ["a test of a cell, ns", number(mine.check * 1e9), "as here"],
    ]
    for halo in sorted(mine.strips):
        cell, strip = mine.cells[int(side)][halo] * 1e9, mine.strips[halo] * 1e9
        what = f"a cell and step, ns: block of {side} x {side} / strip, halo {halo}"
        rows.append([what, f"{number(cell)} / {number(strip)}", "as here"])
    return table(["", "measured here", "typical cluster, assumed"], rows)


def check(found: Mapping[str, Any]) -> str:
    """Return the table of measured and modelled times of a step."""
    mine, cores, rows = here(found), found["machine"]["cores"], []
    for name, shape, ranks, (median, low, high) in runs(found):
        step = model.step(mine, shape, ranks, found["halo"], cores)
        crowded = f" on {cores} cores" if ranks > cores else ""
        low, high = number(low * 1e6), number(high * 1e6)
        rows.append(
            [
                name,
                f"{ranks}{crowded}",
                f"{number(median * 1e6)} ({low} … {high})",
                number(step.total * 1e6),
                number(step.in_turn * 1e6),
                f"{median / step.total:.2f}",
            ]
        )
    heads = ["cells", "ranks", "measured, µs a step", "model", "nothing hidden", "measured / model"]
    return table(heads, rows)


def predicted(found: Mapping[str, Any]) -> str:
    """Return the table of what the model says of many ranks."""
    net, rows = cluster(found), []
    _, alone = model.best(net, (STRONG_SIDE, STRONG_SIDE), 1)
    _, one = model.best(net, (WEAK_SIDE, WEAK_SIDE), 1)
    for ranks in PREDICTED[1:]:
        halo, strong = model.best(net, (STRONG_SIDE, STRONG_SIDE), ranks)
        shape = tuple(WEAK_SIDE * parts for parts in model.dims(ranks))
        wide, weak = model.best(net, (shape[0], shape[1]), ranks)
        rows.append(
            [
                f"{ranks:,}",
                number(strong.total * 1e6),
                f"{alone.total / ranks / strong.total:.0%}",
                f"{strong.largest}, {halo}",
                number(weak.total * 1e6),
                f"{one.total / weak.total:.0%}",
                f"{weak.largest}, {wide}",
            ]
        )
    s, w = f"{STRONG_SIDE}²", f"{WEAK_SIDE}² each"
    heads = ["ranks", f"{s}: µs a step", "efficiency", "largest part, halo"]
    return table([*heads, f"{w}: µs a step", "efficiency", "largest part, halo"], rows)


def where(found: Mapping[str, Any]) -> str:
    """Say what was measured, and on what."""
    m = found["machine"]
    busy = "Taken on a busy machine, so all times are rough. " if m["busy"] else ""
    return busy + (
        f"Machine: {m['processor']}, {m['cores']} cores; {m['mpi']}; ferrotran {m['ferrotran']}; "
        f"load average {m['load_average']}. One thread a rank, {found['halo']} steps between "
        f"exchanges, a test of convergence every {model.EVERY} steps."
    )


def figures(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the content of every region of the page."""
    return {f.__name__: f(found) for f in (where, constants, check, predicted)}


def write(path: Path, filled: Mapping[str, str]) -> None:
    """Fill the regions of the page; each figure has one, each one has its figure."""
    text = path.read_text()
    names = BEGIN.findall(text)
    if sorted(names) != sorted(filled):
        raise ValueError(f"{path.name} has the regions {names}, expected {sorted(filled)}")
    for name, content in filled.items():
        head = f"<!-- scaling:begin {name} -->\n"
        before, rest = text.split(head)
        text = before + head + content + "\n" + rest[rest.index(END) :]
    path.write_text(text)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """Draw the times of a step here, and the efficiency on the cluster."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mine, net, cores = here(found), cluster(found), found["machine"]["cores"]
    muted, colours = "#666666", ["#0b6e4f", "#c26a1b", "#5a3d8a", "#1f5fa8"]
    style = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    style |= {"axes.edgecolor": muted, "axes.titlesize": 10, "axes.titlelocation": "left"}
    with plt.rc_context(style):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8), layout="constrained")
        names = dict.fromkeys(name for name, *_ in runs(found))
        for (name, _), colour in zip(names.items(), colours):
            points = [run[1:] for run in runs(found) if run[0] == name]
            line = [
                model.step(mine, shape, ranks, found["halo"], cores).total * 1e6
                for shape, ranks, _ in points
            ]
            left.plot([ranks for _, ranks, _ in points], line, "-", color=colour, label=name)
            for _, ranks, (median, low, high) in points:
                face = "white" if ranks > cores else colour
                left.errorbar(
                    ranks,
                    median * 1e6,
                    [[(median - low) * 1e6], [(high - median) * 1e6]],
                    fmt="o",
                    color=colour,
                    markerfacecolor=face,
                    capsize=2,
                )
        left.set(xscale="log", yscale="log", xlabel="ranks", ylabel="time of a step, µs")
        counts = sorted({ranks for _, _, ranks, _ in runs(found)})
        left.set_xticks(counts, [str(n) for n in counts])
        left.minorticks_off()
        left.set_title(f"here; hollow: more ranks than the {cores} cores")
        left.legend(
            frameon=False,
            title="cells (dots: measured,\nlines: model)",
            fontsize=8,
            title_fontsize=8,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
        )

        counts = [2**k for k in range(17)] + [100_000]
        alone = model.best(net, (STRONG_SIDE, STRONG_SIDE), 1)[1].total
        one = model.best(net, (WEAK_SIDE, WEAK_SIDE), 1)[1].total
        strong, weak = [], []
        for ranks in counts:
            strong.append(
                alone / ranks / model.best(net, (STRONG_SIDE, STRONG_SIDE), ranks)[1].total
            )
            rows, columns = model.dims(ranks)
            shape = (WEAK_SIDE * rows, WEAK_SIDE * columns)
            weak.append(one / model.best(net, shape, ranks)[1].total)
        right.plot(counts, strong, color=colours[0], label=f"{STRONG_SIDE} x {STRONG_SIDE} cells")
        right.plot(counts, weak, color=colours[1], label=f"{WEAK_SIDE} x {WEAK_SIDE} cells each")
        right.set(xscale="log", xlabel="ranks", ylabel="efficiency")
        right.set_ylim(0, None)
        right.set_title("model of a cluster with an assumed network")
        right.legend(frameon=False, loc="lower left")
        for axes in (left, right):
            axes.grid(color="#dddddd", linewidth=0.6)
        figure.savefig(path, dpi=100, facecolor="white")
        plt.close(figure)
