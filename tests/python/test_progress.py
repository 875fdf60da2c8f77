"""What shows how far a batch is, and the exception that ends one."""

import io
import pickle
import sys

import ferrotran as ft
import pytest
from ferrotran import _progress


class Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def told(numbers, total):
    reporter = _progress.reporter(True, total, "fit")
    for done in numbers:
        reporter.tell(done)
    reporter.close()


@pytest.mark.parametrize("argument", [None, False])
def test_nothing_is_shown_unless_asked_for(argument):
    assert _progress.reporter(argument, 10, "fit") is None


def test_a_callable_gets_news_only():
    seen = []
    reporter = _progress.reporter(lambda done, total: seen.append((done, total)), 9, "fit")
    for done in (0, 3, 3, 9, 9):
        reporter.tell(done)
    reporter.close()
    assert seen == [(3, 9), (9, 9)]


def test_a_callable_is_not_called_too_often():
    seen = []
    reporter = _progress.reporter(lambda done, total: seen.append(done), 10**6, "fit")
    for done in range(20_000):  # some milliseconds
        reporter.show(done)
    assert len(seen) < 100
    reporter.tell(10**6)
    assert seen[-1] == 10**6


@pytest.mark.parametrize("wrong", [1, "yes", 0.5, [True]])
def test_anything_else_is_refused(wrong):
    with pytest.raises(TypeError, match=r"`progress` is .*, expected True, False or a callable"):
        _progress.reporter(wrong, 10, "fit")


def test_tqdm_draws_the_bar(capsys):
    pytest.importorskip("tqdm")
    told((40, 100), 100)
    shown = capsys.readouterr().err
    assert "100/100" in shown
    assert "fits" in shown


@pytest.mark.parametrize("terminal", [True, False])
def test_without_tqdm_there_is_a_plain_line(terminal, monkeypatch):
    for module in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, module, None)
    stream = Stream(terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    told(range(1001), 1000)
    text = stream.getvalue()
    assert text.rstrip().endswith("1000/1000 fits, 100 %")
    # One line of a terminal that is written over; a log gets a line for each tenth.
    assert text.count("\n") == (1 if terminal else 11)
    monkeypatch.setattr(sys, "stderr", None)
    told((1, 2), 2)


def test_an_interrupt_carries_the_result():
    cause = KeyboardInterrupt()
    error = _progress.interrupted(cause, {"a": 1})
    assert isinstance(error, ft.BatchInterrupted)
    assert isinstance(error, KeyboardInterrupt)
    assert error.__cause__ is cause
    again = pickle.loads(pickle.dumps(error))
    assert again.result == {"a": 1}
    assert str(again) == str(error) != ""
    other = ValueError("mine")
    assert _progress.interrupted(other, None) is other
