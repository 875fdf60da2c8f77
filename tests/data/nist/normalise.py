"""Write the NIST StRD sets of nonlinear regression in a compact form.

Usage: python tests/data/nist/normalise.py <folder with the 27 .dat files>

The files are those of the Statistical Reference Datasets of the National Institute of Standards
and Technology (https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml), works of the United
States government in the public domain. Numbers are copied digit by digit, without `E0`.

- parameters.csv: set, parameter, first and second start, certified value and standard deviation;
- sets.csv: set, observations, certified residual sum of squares and residual standard deviation;
- data.csv: set, response, predictors.
"""

import re
import sys
from pathlib import Path

NUMBER = r"[-+]?[\d.]+(?:[eE][-+]?\d+)?"


def short(number):
    """A number without an exponent of zero."""
    return re.sub(r"[eE]\+?0+$", "", number)


def read(path):
    """Parameters, observations, sum of squares, deviation and data of one file."""
    text = path.read_text(encoding="ascii")
    rows = re.findall(rf"^\s*(b\d+) =((?:\s+{NUMBER}){{4}})\s*$", text, re.MULTILINE)
    parameters = [(name, *map(short, numbers.split())) for name, numbers in rows]
    one = {
        name: short(re.search(rf"{name}:\s*({NUMBER})", text)[1])
        for name in ("Residual Sum of Squares", "Residual Standard Deviation")
    }
    observations = int(re.search(r"Number of Observations:\s*(\d+)", text)[1])
    lines = re.split(r"^Data:\s+y.*$", text, flags=re.MULTILINE)[-1].splitlines()
    data = [[short(number) for number in line.split()] for line in lines if line.split()]
    assert len(data) == observations, path
    return parameters, observations, *one.values(), data


def main():
    """Write the three files beside this one."""
    here = Path(__file__).parent
    parameters = ["set,parameter,start1,start2,certified,deviation"]
    sets = ["set,observations,sum_of_squares,deviation"]
    points = ["set,y,x"]
    files = sorted(Path(sys.argv[1]).glob("*.dat"))
    assert len(files) == 27, f"{len(files)} sets, expected 27"
    for path in files:
        rows, observations, squares, deviation, data = read(path)
        parameters += [",".join((path.stem, *row)) for row in rows]
        sets.append(f"{path.stem},{observations},{squares},{deviation}")
        points += [",".join((path.stem, *row)) for row in data]
    for name, lines in (("parameters", parameters), ("sets", sets), ("data", points)):
        (here / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
