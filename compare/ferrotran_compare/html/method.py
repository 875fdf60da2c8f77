"""The machine, the tools, the workloads, the agreement, and how it was measured."""

from __future__ import annotations

import dataclasses

from ferrotran_compare.html import text
from ferrotran_compare.html.page import LANGUAGES, block, language, section
from ferrotran_compare.html.text import Html, tag
from ferrotran_compare.results import Results

HOW = (
    "Every entry runs once untimed, and the answers are compared; what disagrees is not timed.",
    "Then they take turns in rounds, in an order that rotates, so that a slow spell of the machine"
    " hits all alike. A round times a block of calls.",
    "Times are medians over the rounds, with the quartiles as spread. A ratio is taken within each"
    " round; its median and quartiles are shown.",
    "≈ marks an entry whose spread is too wide to rank it against the one before it.",
)


def render(results: Results) -> Html:
    """Make the chapter."""
    steps = tag("ol", *(tag("li", step) for step in [*HOW, *rounds(results)]))
    return section(
        "method",
        "How it was measured",
        steps,
        block("Machine and run", "", machine(results)),
        block("Compilers, flags and versions", "", tools(results)),
        workloads(results),
    )


def rounds(results: Results) -> list[str]:
    """How many rounds there were."""
    counts = [e.time.rounds for k in results.languages or [] for e in k.entries]
    counts += [e.time.rounds for e in (results.threads.entries if results.threads else [])]
    counts += [c.time.rounds for r in results.routes or [] for c in r.calls or []]
    if not counts:
        return []
    low, high = min(counts), max(counts)
    return [f"There were {low if low == high else f'{low} to {high}'} rounds here."]


def machine(results: Results) -> Html:
    """What it ran on, and what was asked for."""
    m, o = results.machine, results.options
    rows = {
        "processor": m.processor or "unknown",
        "cores": str(m.cores),
        "memory": text.memory(m.memory_bytes) if m.memory_bytes is not None else "unknown",
        "system": m.system,
        "load average at the start": "unknown" if m.load_average is None else str(m.load_average),
        "started": results.started,
        "duration": f"{results.seconds:.1f} s",
        "complete": "yes" if results.complete else "no, it was stopped",
    }
    for field in dataclasses.fields(o):
        value = getattr(o, field.name)
        if field.metadata.get("json", True) and value not in (None, [], False):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows[f"option {field.name}"] = "yes" if value is True else shown
    return text.table([], rows.items(), "Machine and options", "pairs")


def tools(results: Results) -> Html:
    """Every tool with what is known of it."""
    rows = []
    order = [n for n in LANGUAGES if n in results.tools]
    for name in order + [n for n in results.tools if n not in order]:
        facts = dict(results.tools[name])
        version = facts.pop("compiler", None) or facts.pop("version", None) or ""
        flags = facts.pop("flags", "")
        rest = "; ".join(f"{k}: {v}" for k, v in facts.items())
        cell = tag("code", flags) if flags else Html("")
        rows.append([language(name), version, tag("div", cell, " " if flags else "", rest)])
    return text.table(["tool", "version", "flags"], rows, "Compilers, flags and versions", "tools")


def workloads(results: Results) -> Html | None:
    """What each kernel does, and how closely the answers agree."""
    if not results.languages:
        return None
    rows = []
    for k in results.languages:
        limit = "equal" if k.tolerance == 0 else f"{k.tolerance:.2g}"
        agreed = "no" if k.disagreements else "yes"
        rows.append([k.kernel, f"{k.size:,}", k.workload, limit, k.why, agreed])
    heads = ["kernel", "size", "workload", "tolerance", "why", "all agree"]
    lead = "The largest difference allowed, relative to the largest magnitude of the answer."
    return block("Workloads and agreement", lead, text.table(heads, rows, "Workloads", "words"))
