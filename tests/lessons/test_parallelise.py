"""The fits of the lesson: every step against the first, and against what the image is made of."""

import numpy as np
import pytest
from agreement import as_arrays
from measure import Disagreement


@pytest.fixture(scope="module")
def lesson(parallelise):
    return parallelise.Lesson(12, 0.1)


@pytest.fixture(scope="module")
def answers(lesson):
    return {name: call() for name, call in lesson.steps().items()}


def test_every_step_agrees_with_the_plain_program(lesson, answers):
    lesson.check(answers, "plain")
    assert set(lesson.apart) == set(answers)


def test_threads_change_no_bit(answers):
    best, errors = answers["kernel"]
    for name in ("threads", "array", "array, one thread"):
        assert np.array_equal(answers[name][0], best)
        assert np.array_equal(answers[name][1], errors)


@pytest.mark.parametrize("who", ["plain", "kernel"])
def test_the_fits_find_what_the_image_is_made_of(parallelise, answers, who):
    best, errors = as_arrays(answers[who])
    _, lifetime = parallelise.image.truth(12)
    away = (best[:, 1] - 1 / lifetime.ravel()) / errors[:, 1]
    # 144 standard normal numbers: their mean square is 1 with a deviation of 1/6.
    assert 0.3 < np.mean(away**2) < 1.7


def test_an_answer_that_is_off_is_named_with_both_values(lesson, answers):
    best, errors = as_arrays(answers["kernel"])
    wrong = best.copy()
    wrong[7, 1] += 0.01 * errors[7, 1]  # a hundredth of its own uncertainty
    with pytest.raises(Disagreement, match=r"pixel 7: `wrong` finds .*, `kernel`"):
        lesson.check({"kernel": (best, errors), "wrong": (wrong, errors)}, "kernel")


def test_an_answer_that_is_not_a_number_is_a_disagreement(lesson, answers):
    best, errors = as_arrays(answers["kernel"])
    wrong = best.copy()
    wrong[3] = np.nan
    with pytest.raises(Disagreement, match="pixel 3"):
        lesson.check({"kernel": (best, errors), "wrong": (wrong, errors)}, "kernel")


def test_the_plain_program_runs_as_a_program(lesson, parallelise, capsys):
    fits = parallelise.decays.main(lesson.text)
    assert len(fits) == 144
    assert capsys.readouterr().out.startswith("144 pixels, lifetime ")
