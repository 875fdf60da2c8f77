"""The Python code of README.md runs and prints what it says."""

import doctest
import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_examples_of_the_readme_print_what_they_say():
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(), flags=re.M | re.S)
    assert blocks, "README.md has no block of Python"
    for block in blocks:
        example = doctest.DocTestParser().get_doctest(block, {}, "README", str(README), 0)
        assert example.examples
        runner = doctest.DocTestRunner(verbose=False)
        assert runner.run(example).failed == 0
