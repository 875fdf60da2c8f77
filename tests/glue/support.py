"""What several tests of the routes use."""

import os

import pytest


class Silent:
    """Progress that nobody looks at."""

    def step(self, what, share):
        assert 0 <= share <= 1

    def keep(self, result):
        pass


def absent(result):
    """Skip what a missing tool makes impossible; in CI, fail: a skip would hide it."""
    text = f"{result.route}: install with: {'; '.join(result.missing)}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)
