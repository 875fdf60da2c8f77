"""Put the shared library into the package; the wheel fits any Python 3 of this platform."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

sys.path.append(str(Path(__file__).parents[1]))
import native


class Build(build_py):
    """Python files, then the library."""

    def run(self) -> None:
        """Build both."""
        super().run()
        made = native.library("build/native", shared=True)
        self.copy_file(str(made), str(Path(self.build_lib, "glue_ctypes", made.name)))


class Wheel(bdist_wheel):
    """A wheel of a platform, not of a Python."""

    def finalize_options(self) -> None:
        """Say that there is a native file."""
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> tuple[str, str, str]:
        """Any Python 3: the library knows nothing of Python."""
        return "py3", "none", super().get_tag()[2]


setup(cmdclass={"build_py": Build, "bdist_wheel": Wheel})
