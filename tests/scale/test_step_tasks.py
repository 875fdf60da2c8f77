"""Tasks of a Slurm step on this node, from what srun puts into the environment."""

import pytest
from ferrotran.scale import _cores


@pytest.mark.parametrize(
    ("text", "node", "expected"),
    [("2", 0, 2), ("2(x2)", 1, 2), ("3(x2),1", 1, 3), ("3(x2),1", 2, 1), ("1,4", 1, 4), ("", 0, 1)],
)
def test_tasks_of_a_node_are_read_from_the_list_of_the_step(text, node, expected):
    environ = {"SLURM_STEP_TASKS_PER_NODE": text, "SLURM_NODEID": str(node)}
    assert _cores._step_tasks(environ) == expected
