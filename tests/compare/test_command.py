"""The command `ferrotran compare`, run as a user runs it."""

import json
import subprocess
import sys
import time

import pytest
from ferrotran_compare import _chapel, cli, results
from ferrotran_compare.results import load

CHAPEL = ("chapel",) * _chapel.there  # only where it was built
SMALL = ["compare", "languages", "--quick", "--only", "collatz", "--size", "300"]

WRONG = """
import dataclasses, sys
from ferrotran_compare import kernels
from ferrotran_compare._registry import Language
from ferrotran_compare.cli import main

good = kernels["collatz"]
entries = dict(good.languages)
LINE
kernels["planted"] = dataclasses.replace(good, name="planted", languages=entries)
sys.exit(main(sys.argv[1:]))
"""


# The package as pip installs it, away from a checkout, with one small kernel.
ALONE = """
import os, sys
from ferrotran_compare import kernels
from ferrotran_compare.cli import main
from ferrotran_compare.routes import checkout

if __name__ == "__main__":  # processes that multiprocessing spawns import the file
    for name in set(kernels) - {"collatz"}:
        del kernels[name]
    checkout.__file__ = "/"
    os.chdir("/")
    sys.exit(main())
"""


@pytest.fixture
def planted(tmp_path):
    """A script of the command with a kernel of which one entry is replaced by a line."""

    def write(line):
        path = tmp_path / "planted.py"
        path.write_text(WRONG.replace("LINE", line))
        return [str(path)]

    return write


def test_a_quick_run_leaves_tables_and_json(ferrotran, tmp_path):
    path = tmp_path / "results.json"
    done = ferrotran(*SMALL, "--threads", "3", "--json", path)
    assert (done.returncode, done.stderr) == (0, "")
    found = load(path)
    assert found.complete
    assert found.options == results.Options(["languages"], True, ["collatz"], 300, [3])
    assert found.routes is None
    assert found.threads is None
    assert found.tools["rust"]["compiler"].startswith("rustc")
    (kernel,) = found.languages
    assert (kernel.kernel, kernel.size, kernel.missing, kernel.sizes) == ("collatz", 300, {}, [])
    runs = {(e.language, e.threads) for e in kernel.entries}
    native = {(x, n) for x in ("fortran", "c", "rust", *CHAPEL, "numba") for n in (1, 3)}
    assert runs == native | {("numpy", 1), ("python", 1)}
    medians = [e.time.median for e in kernel.entries]
    assert medians == sorted(medians)
    assert all((e.speedup is None) == (e.threads == 1) for e in kernel.entries)
    assert kernel.entries[0].ratio == results.Ratio(1.0, 1.0, 1.0)
    # Piped: 100 columns, no bars, a row for each entry.
    rows = [line for line in done.stdout.splitlines() if " … " in line]
    assert len(rows) == len(kernel.entries)
    assert max(len(line) for line in rows) <= 100
    assert "\x1b" not in done.stdout


def test_speed_against_size_leaves_out_languages_that_are_too_slow(ferrotran, tmp_path):
    path = tmp_path / "results.json"
    done = ferrotran(*SMALL[:-2], "--json", path)
    assert done.returncode == 0
    (kernel,) = load(path).languages
    sizes = {x: {e.size for e in kernel.sizes if e.language == x} for x in ("c", "python")}
    assert sizes["python"] < sizes["c"]
    assert {100, 1000} <= sizes["python"]
    assert "time against size" in done.stdout


@pytest.mark.parametrize("language", ["fortran", "numpy"])  # the first, and one in the middle
def test_a_wrong_answer_is_named_with_both_values_and_not_timed(
    language, planted, ferrotran, tmp_path
):
    path = tmp_path / "results.json"
    run = "lambda threads, *inputs: (good.languages['c'].run(1, *inputs)[0] + 1, 7)"
    script = planted(f"entries[{language!r}] = Language({run})")
    arguments = ["languages", "--quick", "--only", "planted", "triad", "--size", "300"]
    done = ferrotran(*arguments, "--json", path, script=script)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"planted, {language}, threads 1, size 300" in line
    assert "232 at (0,), expected 231" in line  # the longest chain starts at 231
    assert "DISAGREES" in done.stdout
    found = {k.kernel: k for k in load(path).languages}
    assert set(found) == {"triad", "planted"}
    assert language not in {e.language for e in found["planted"].entries}
    assert len(found["planted"].entries) >= 7
    assert found["triad"].disagreements == []
    (bad,) = found["planted"].disagreements
    assert (bad.language, bad.threads, bad.size) == (language, 1, 300)


def test_an_answer_that_is_wrong_in_two_threads_only_is_found(planted, ferrotran):
    run = "lambda threads, *inputs: (231, 128 + threads)"
    script = planted(f"entries['rust'] = Language({run}, parallel=True)")
    arguments = ["languages", "--quick", "--only", "planted", "--size", "300", "--threads", "2"]
    done = ferrotran(*arguments, script=script)
    assert done.returncode == 1
    assert "rust, threads 1" in done.stderr
    assert "rust, threads 2" in done.stderr


def test_a_language_that_fails_is_named_and_the_others_run(planted, ferrotran, tmp_path):
    path = tmp_path / "results.json"
    script = planted("entries['numpy'] = Language(lambda threads, n: [][n])")
    arguments = ["languages", "--quick", "--only", "planted", "--size", "300", "--json", path]
    done = ferrotran(*arguments, script=script)
    assert done.returncode == 1
    assert "planted, numpy, threads 1, size 300: IndexError: list index out of range" in done.stderr
    assert len(load(path).languages[0].entries) >= 7


def test_numba_is_missing_with_the_command_that_installs_it(ferrotran, tmp_path):
    path = tmp_path / "results.json"
    absent = "import sys; sys.modules['numba'] = None; from ferrotran_compare import cli; "
    script = ["-c", absent + "sys.exit(cli.main())"]
    done = ferrotran(*SMALL[1:], "--json", path, script=script)
    assert (done.returncode, done.stderr) == (0, "")
    assert "missing: numba; to install it: python -m pip install numba" in done.stdout
    (kernel,) = load(path).languages
    assert kernel.missing == {"numba": "python -m pip install numba"}
    languages = {"fortran", "c", "rust", *CHAPEL, "numpy", "python"}
    assert {e.language for e in kernel.entries} == languages


def test_ctrl_c_keeps_what_is_finished(interrupt, tmp_path):
    path = tmp_path / "results.json"
    arguments = ["compare", "languages", "--quick", "--json", path]
    done = interrupt(*arguments, when=lambda: path.exists() and bool(load(path).languages))
    assert done.returncode == 130
    found = load(path)
    assert not found.complete
    assert found.languages[0].kernel == "nbody"
    assert found.languages[0].entries
    assert len(found.languages) < 9
    assert "interrupted; finished: " in done.stderr
    assert "Traceback" not in done.stderr
    for kernel in found.languages:
        assert f"{kernel.kernel}: {kernel.workload}"[:60] in done.stdout


def test_ctrl_c_is_heard_during_a_long_native_call(interrupt, tmp_path):
    path = tmp_path / "results.json"
    # Some minutes in Fortran, which looks at no signal.
    arguments = ["compare", "languages", "--only", "nbody", "--size", 5 * 10**9, "--json", path]

    def in_the_call():
        return path.exists() and time.time() - path.stat().st_mtime > 1.5

    done = interrupt(*arguments, when=in_the_call)
    assert done.returncode == 130
    found = load(path)
    assert (found.complete, found.languages) == (False, [])
    assert "interrupted; finished: 0 kernels" in done.stderr


WRONG_ARGUMENTS = [
    (["--size", "-1"], "argument --size: '-1' is not a whole number of at least 1"),
    (["--size", "NaN"], "argument --size: 'NaN' is not a whole number"),
    (["--size", "0"], "argument --size: '0' is not"),
    (["--threads", "0"], "argument --threads: '0' is not a whole number of at least 1"),
    (["--threads", "2", "inf"], "argument --threads: 'inf' is not"),
    (["--threads", "5000"], "argument --threads: 5000 is more than 1024 threads"),
    (["--only", "nope"], "--only nope: unknown name; known: nbody, spectral_norm"),
    (["--only", "nbody", "threads"], "--only threads: unknown name; the part comes first"),
    (["--only", "fannkuch", "--size", "13"], "--size is 13, fannkuch takes at most 12"),
    (["--json", "/dev/null/x"], "--json /dev/null/x: there is no folder /dev/null"),
    (["--html", "/"], "--html /: is a folder, expected a file"),
    (["--json", "/proc/x"], "--json /proc/x: cannot be written"),
    (["--compare-to", "/dev/null/x"], "--compare-to /dev/null/x: Not a directory"),
    (["--compare-to", __file__], f"--compare-to {__file__}: not JSON"),
    (["--source", "/dev/null"], "--source /dev/null: there is no such folder"),
    (["--qui"], "unrecognized arguments: --qui"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_ARGUMENTS)
def test_wrong_arguments_are_named_before_any_work(arguments, said, capsys):
    try:
        status = cli.main(["languages", *arguments])
    except SystemExit as left:  # argparse's own way
        status = left.code
    output = capsys.readouterr()
    assert status == 2
    assert said in output.err
    assert output.out == ""


def test_a_size_that_one_kernel_cannot_take_is_refused_also_among_all_parts(capsys):
    assert cli.main(["--size", "13"]) == 2
    assert "--size is 13, fannkuch takes at most 12" in capsys.readouterr().err


def test_without_a_checkout_the_other_parts_run(ferrotran, tmp_path):
    path = tmp_path / "results.json"
    script = tmp_path / "alone.py"
    script.write_text(ALONE)
    done = ferrotran("--quick", "--threads", "1", "--json", path, script=[str(script)])
    assert done.returncode == 0, done.stderr
    assert "routes: not run: " in done.stdout
    found = load(path)
    assert found.complete
    assert found.options.parts == ["languages", "threads"]
    assert found.routes is None
    assert found.threads.entries
    named = ferrotran("routes", "--quick", script=[str(script)])
    assert named.returncode == 2
    assert "ferrotran compare: error: " in named.stderr


def test_a_name_of_json_and_html_at_once_is_refused(tmp_path, capsys):
    path = str(tmp_path / "x")
    assert cli.main(["languages", "--json", path, "--html", path]) == 2
    assert "is the file of --json too" in capsys.readouterr().err


def test_an_unwritable_path_ends_the_command_and_leaves_other_files_alone(ferrotran, tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text("kept")
    done = ferrotran("compare", "--json", kept, "--html", tmp_path / "no" / "x.html")
    assert done.returncode == 2
    assert "--html" in done.stderr
    assert done.stdout == ""
    assert kept.read_text() == "kept"


def test_a_full_disk_is_named(ferrotran):
    done = ferrotran(*SMALL, "--json", "/dev/full")
    assert done.returncode == 2
    assert done.stderr == "ferrotran compare: error: --json /dev/full: No space left on device\n"


def test_help_loads_neither_kernels_nor_numpy():
    code = "import sys; from ferrotran_compare import cli; cli.main(['--help'])"
    code = f"import atexit, sys; atexit.register(lambda: print(sorted(sys.modules)))\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--compare-to" in done.stdout
    assert "'ferrotran_compare.cli'" in done.stdout
    for module in ("'numpy'", "'numba'", "'rich'", "'ferrotran_compare._native'"):
        assert module not in done.stdout


def test_the_command_knows_its_version_and_its_subcommands(ferrotran):
    import ferrotran as package

    assert ferrotran("--version").stdout == f"ferrotran {package.__version__}\n"
    assert "compare" in ferrotran("--help").stdout
    assert ferrotran().returncode == 2
    assert "invalid choice: 'nope'" in ferrotran("nope").stderr


def test_without_the_package_one_line_says_what_to_install(ferrotran):
    hide = "import sys; sys.modules['ferrotran_compare'] = None; "
    script = ["-c", hide + "from ferrotran.__main__ import main; sys.exit(main())"]
    done = ferrotran("compare", script=script)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "pip install ferrotran-compare" in line


def test_json_is_written_before_the_work_is_over(interrupt, tmp_path):
    path = tmp_path / "results.json"
    done = interrupt("compare", "languages", "--json", path, when=path.exists)
    assert done.returncode == 130
    assert json.loads(path.read_text())["complete"] is False
