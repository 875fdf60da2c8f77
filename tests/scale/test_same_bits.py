"""Every engine gives the bits that the kernel gives on the whole."""

import pytest
from cases import CASES, same
from servers import mpi


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder for each case, with its inputs."""
    root = tmp_path_factory.mktemp("cases")
    for number, case in enumerate(CASES.values()):
        folder = root / str(number)
        folder.mkdir()
        case.write(folder)
    return root


@pytest.fixture(scope="module")
def ranks(written, request):
    """What two MPI ranks say of all cases, done in one go."""
    if missing := mpi.missing():
        pytest.skip(missing)
    program = request.path.parent / "mpi_cases.py"
    done = mpi.run(2, str(program), str(written), timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("engine", ["threads", "dask", "mpi"])
@pytest.mark.parametrize("name", CASES)
def test_the_engines_give_the_bits_of_a_serial_call(name, engine, written, request):
    case = CASES[name]
    folder = written / str(list(CASES).index(name))
    if engine == "mpi":
        assert f"same: {name}" in request.getfixturevalue("ranks")
        return
    extra = {"client": request.getfixturevalue("client")} if engine == "dask" else {}
    found = case.map(folder, engine, engine=engine, **extra)
    assert same(found, case.expected())
    assert not list(folder.rglob(".ferrotran*")), "the journal is removed in the end"
    assert not list(folder.rglob("*.partial"))
