use ferrotran::integrate::{IvpBatch, IvpSolution, IvpStatus};
use ndarray::{Array1, Array3, ArrayView1, s};
use numpy::{PyArray1, PyArray3};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::number;

/// What is known of each member.
pub(super) struct Found {
    t: Array1<f64>,
    /// (members, n, times); NaN where nothing is known.
    y: Array3<f64>,
    status: Vec<isize>,
    nfev: Vec<usize>,
    njev: Vec<usize>,
    nlu: Vec<usize>,
    /// Members that are stiff to an explicit method.
    stiff: usize,
}

impl Found {
    /// Nothing about so many members of so many components.
    pub(super) fn new((members, n): (usize, usize), times: &[f64]) -> Self {
        Self {
            t: Array1::from(times.to_vec()),
            y: Array3::from_elem((members, n, times.len()), f64::NAN),
            status: vec![number(IvpStatus::NotRun); members],
            nfev: vec![0; members],
            njev: vec![0; members],
            nlu: vec![0; members],
            stiff: 0,
        }
    }

    /// The results of a batch. Of one that was stopped, the members under way were not run.
    pub(super) fn of(batch: IvpBatch, stopped: bool) -> Self {
        let IvpBatch {
            t, mut y, members, ..
        } = batch;
        let mut status = Vec::with_capacity(members.len());
        for (member, mut y) in members.iter().zip(y.outer_iter_mut()) {
            let cut = stopped && member.status == IvpStatus::Stopped;
            if cut {
                y.fill(f64::NAN);
            }
            let ended = if cut {
                IvpStatus::NotRun
            } else {
                member.status
            };
            status.push(number(ended));
        }
        Self {
            t,
            y,
            status,
            nfev: members.iter().map(|member| member.nfev).collect(),
            njev: members.iter().map(|member| member.njev).collect(),
            nlu: members.iter().map(|member| member.nlu).collect(),
            stiff: members.iter().filter(|member| member.stiff > 0).count(),
        }
    }

    /// Adds what was found of member `k`.
    pub(super) fn put(&mut self, k: usize, solution: &IvpSolution) {
        let reached = solution.t.len();
        self.y.slice_mut(s![k, .., ..reached]).assign(&solution.y);
        self.status[k] = number(solution.status);
        self.nfev[k] = solution.nfev;
        self.njev[k] = solution.njev;
        self.nlu[k] = solution.nlu;
        self.stiff += usize::from(solution.stiff > 0);
    }

    /// Keeps the start of member `k`, which is not finite.
    pub(super) fn refuse(&mut self, k: usize, t0: f64, y0: ArrayView1<'_, f64>) {
        self.status[k] = number(IvpStatus::NotFinite);
        let starts = self.t.iter().take_while(|&&t| t == t0).count();
        let outputs = self.y.slice_mut(s![k, .., ..starts]);
        outputs.reversed_axes().assign(&y0);
    }

    /// What Python makes the result of; `stopped` is the exception that ended it early.
    pub(super) fn into_dict(
        self,
        py: Python<'_>,
        stopped: Option<PyErr>,
    ) -> PyResult<Bound<'_, PyDict>> {
        let dict = PyDict::new(py);
        let count = |counts: Vec<usize>| {
            PyArray1::from_iter(py, counts.into_iter().map(|count| count as isize))
        };
        dict.set_item("t", PyArray1::from_owned_array(py, self.t))?;
        dict.set_item("y", PyArray3::from_owned_array(py, self.y))?;
        dict.set_item("status", PyArray1::from_vec(py, self.status))?;
        dict.set_item("nfev", count(self.nfev))?;
        dict.set_item("njev", count(self.njev))?;
        dict.set_item("nlu", count(self.nlu))?;
        dict.set_item("stiff", self.stiff)?;
        dict.set_item("stopped", stopped.map(|error| error.into_value(py)))?;
        Ok(dict)
    }
}
