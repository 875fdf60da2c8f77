"""Ctrl-C reaches the main thread, whichever thread the signal goes to."""

import subprocess
import sys

import pytest
from conftest import hear

# The signal goes to a thread that sleeps, while the main thread waits for something else.
ELSEWHERE = """
import signal, subprocess, sys, threading, time
from ferrotran_compare.interrupt import deaf, heard, in_thread

other = threading.Thread(target=time.sleep, args=(60,), daemon=True)
other.start()

def send():
    time.sleep(0.3)
    signal.pthread_kill(other.ident, signal.SIGINT)

WAITS = {
    "an event": lambda: threading.Event().wait(),
    "a process": lambda: subprocess.run(["sleep", "60"], check=False),
    "a thread": lambda: in_thread(lambda: time.sleep(60), lambda: print("stopped"), grace=0.1),
}
with heard():
    threading.Thread(target=send).start()
    try:
        WAITS[sys.argv[1]]()
    except KeyboardInterrupt:
        print("heard")
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def run(code, *arguments):
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=40, preexec_fn=hear)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("what", ["an event", "a process"])
def test_a_wait_ends_although_another_thread_got_the_signal(what):
    assert run(ELSEWHERE, what) == ["heard", "True"]


def test_the_thread_that_works_is_told_to_stop_and_not_waited_for_long():
    assert run(ELSEWHERE, "a thread") == ["stopped", "heard", "True"]


def test_what_is_raised_in_the_thread_comes_out():
    code = """
from ferrotran_compare.interrupt import in_thread
try:
    in_thread(lambda: [][0], lambda: None)
except IndexError as error:
    print(error)
"""
    assert run(code) == ["list index out of range"]


def test_writing_is_not_cut_off():
    code = """
import os, signal
from ferrotran_compare.interrupt import deaf, heard
with heard():
    with deaf():
        os.kill(os.getpid(), signal.SIGINT)
        print("written")
    try:
        os.kill(os.getpid(), signal.SIGINT)
        print("not reached")
    except KeyboardInterrupt:
        print("heard again")
"""
    assert run(code) == ["written", "heard again"]
