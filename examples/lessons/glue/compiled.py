"""What the compilers make of the two kernels: flags, the vectoriser's report, the hot loop."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import toolchain

# The instructions that are shown, and what they do.
NOTES = {
    "vmovupd": "four doubles loaded",
    "vdivpd": "signal / width, four at a time",
    "vroundpd": "floor of four; 1 means downwards",
    "vcmpltpd": "below 1e9? NaN is not",
    "vcvttpd2dq": "four doubles become four int32",
    "vmovdqu": "eight levels stored",
    "vpor": "bad |= ...",
    "jne": "and again",
}
# gcc's own defaults allow for traps; `toolchain.C_FLAGS` does not.
TRAPS = "-ftrapping-math"
FLAGS = {"-O0": ["-O0", TRAPS], "-O2": ["-O2", TRAPS], "-O3": ["-O3", TRAPS]}
FLAGS["-O3 -fno-trapping-math"] = ["-O3"]
if toolchain.X86:
    FLAGS["-O3 -march=x86-64-v3"] = ["-O3", *toolchain.NEWER, TRAPS]
    FLAGS["-O3 -march=x86-64-v3 -fno-trapping-math"] = ["-O3", *toolchain.NEWER]
Compile = Callable[..., str]
COMPILERS: dict[str, Compile] = {"C": toolchain.compile_c, "Fortran": toolchain.compile_fortran}


def _said(language: str, *flags: str) -> list[str]:
    """Lines of the vectoriser about one source."""
    with tempfile.TemporaryDirectory() as folder:
        text = COMPILERS[language](Path(folder) / "x.o", "-c", *flags)
    return re.findall(r"rainflow\.\w+:\d+:\d+: \w+: .*", text)


def vectorised(language: str, flags: list[str]) -> bool:
    """Whether the loop over the levels, which divides, is done several at a time."""
    said = _said(language, *flags, "-fopt-info-vec-optimized")
    return any("loop vectorized" in line for line in said)


def report() -> str:
    """Show what the vectoriser did to the loops of both sources, and what it refused."""
    found = []
    flags = ["-O3", *toolchain.NEWER]
    for language in COMPILERS:
        done = _said(language, *flags, "-fopt-info-vec-optimized")
        done = [x for x in done if "loop vectorized" in x][:1]  # said again for what is left over
        missed = _said(language, *flags, "-fopt-info-vec-missed")
        missed = [x for x in missed if "control flow" in x or "iterations" in x]
        found += sorted({*done, *missed}, key=_line)[:2]  # the others are inner loops
    return "\n".join(_with_source(x) for x in found)


def _line(said: str) -> int:
    return int(said.split(":")[1])


def _with_source(said: str) -> str:
    """Put the line of the source behind what is said of it."""
    file, line, _, _, what = said.split(":", 4)
    source = (toolchain.NATIVE / file).read_text().splitlines()[int(line) - 1].strip()
    what = what.strip().removesuffix(".").replace("optimized: ", "")
    return f"{file}:{line}: {what}\n    {source}"


def loop() -> str:
    """Show the assembly of the loop that divides, with a note at the first of its kind."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "x.s"
        flags = ["-masm=intel"] if toolchain.X86 else []
        toolchain.compile_c(
            made, "-S", "-O3", "-fno-asynchronous-unwind-tables", *toolchain.NEWER, *flags
        )
        lines = made.read_text().splitlines()
    block: list[str] = []
    for line in lines:
        if re.match(r"\.L\d+:", line):
            block = [line]
        elif not line.lstrip().startswith("."):
            block.append(line)
        label = block[0].rstrip(":") if block else "none"
        jumps = re.search(rf"\tj\w+\t{re.escape(label)}$", line) or line.endswith(f"\t{label}")
        if jumps and any(re.search(r"div|round", x) for x in block):
            return "\n".join(_noted(block))
    raise RuntimeError("no loop that divides is in the assembly of rainflow.c")


def _noted(block: list[str]) -> list[str]:
    """Put notes behind what is known; the rest, and what comes again, becomes dots."""
    seen: set[str] = set()
    noted: list[str] = []
    skipped = 0
    known = any(line.split()[0] in NOTES for line in block)  # else another processor: show all
    for line in block:
        word = line.split()[0]
        if known and (word in seen or word not in NOTES) and not word.endswith(":"):
            skipped += 1
            continue
        if skipped:
            noted.append(f"   ...          {skipped} more")
            skipped = 0
        seen.add(word)
        text = re.sub(r"^\t(\S+)\t", lambda m: f"   {m[1]:<13}", line).rstrip()
        if word in NOTES:
            text = f"{text:<44}; {NOTES[word]}"
        noted.append(text)
    return noted
