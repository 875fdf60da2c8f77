"""Build the module that `glue_build.py` describes, for the stable ABI."""

from setuptools import setup

setup(
    cffi_modules=["glue_build.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
