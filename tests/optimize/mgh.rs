//! The residuals of the problems of Moré, Garbow and Hillstrom, *ACM Trans. Math. Softw.* 7 (1981)
//! 17, doi:10.1145/355934.355936, with the numbers of the paper.

use std::f64::consts::PI;

use crate::dual::{Dual, constant};

const BARD: [f64; 15] = [
    0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39,
];
const GAUSSIAN: [f64; 8] = [
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989,
];
const MEYER: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0,
    5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
];
const KOWALIK: [(f64, f64); 11] = [
    (0.1957, 4.0),
    (0.1947, 2.0),
    (0.1735, 1.0),
    (0.1600, 0.5),
    (0.0844, 0.25),
    (0.0627, 0.167),
    (0.0456, 0.125),
    (0.0342, 0.1),
    (0.0323, 0.0833),
    (0.0235, 0.0714),
    (0.0246, 0.0625),
];
const OSBORNE1: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448,
    0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
];
const OSBORNE2: [f64; 65] = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

fn each(m: usize, f: impl Fn(f64) -> Dual) -> Vec<Dual> {
    (1..=m).map(|i| f(i as f64)).collect()
}

fn sum(terms: impl Iterator<Item = Dual>) -> Dual {
    terms.fold(constant(0.0), |a, b| a + b)
}

pub(crate) fn rosenbrock(x: &[Dual]) -> Vec<Dual> {
    vec![10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]
}

pub(crate) fn freudenstein_roth(x: &[Dual]) -> Vec<Dual> {
    vec![
        x[0] - 13.0 + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
        x[0] - 29.0 + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
    ]
}

pub(crate) fn powell_badly_scaled(x: &[Dual]) -> Vec<Dual> {
    vec![
        1e4 * x[0] * x[1] - 1.0,
        (-x[0]).exp() + (-x[1]).exp() - 1.0001,
    ]
}

pub(crate) fn brown_badly_scaled(x: &[Dual]) -> Vec<Dual> {
    vec![x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0]
}

pub(crate) fn beale(x: &[Dual]) -> Vec<Dual> {
    let y = [1.5, 2.25, 2.625];
    each(3, |i| {
        y[i as usize - 1] - x[0] * (1.0 - x[1].powi(i as i32))
    })
}

pub(crate) fn jennrich_sampson(x: &[Dual]) -> Vec<Dual> {
    each(10, |i| {
        2.0 + 2.0 * i - ((x[0] * i).exp() + (x[1] * i).exp())
    })
}

pub(crate) fn helical_valley(x: &[Dual]) -> Vec<Dual> {
    let turn = if x[0].value < 0.0 { 0.5 } else { 0.0 };
    let angle = (x[1] / x[0]).atan() / (2.0 * PI) + turn;
    let length = (x[0] * x[0] + x[1] * x[1]).sqrt();
    vec![10.0 * (x[2] - 10.0 * angle), 10.0 * (length - 1.0), x[2]]
}

pub(crate) fn bard(x: &[Dual]) -> Vec<Dual> {
    each(15, |u| {
        let v = 16.0 - u;
        BARD[u as usize - 1] - (x[0] + u / (v * x[1] + u.min(v) * x[2]))
    })
}

pub(crate) fn gaussian(x: &[Dual]) -> Vec<Dual> {
    each(15, |i| {
        let t = (8.0 - i) / 2.0;
        x[0] * (-x[1] * (t - x[2]).powi(2) / 2.0).exp() - GAUSSIAN[i.min(16.0 - i) as usize - 1]
    })
}

pub(crate) fn meyer(x: &[Dual]) -> Vec<Dual> {
    each(16, |i| {
        x[0] * (x[1] / (45.0 + 5.0 * i + x[2])).exp() - MEYER[i as usize - 1]
    })
}

pub(crate) fn box_3d(x: &[Dual]) -> Vec<Dual> {
    each(10, |i| {
        let t = 0.1 * i;
        (-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp())
    })
}

pub(crate) fn powell_singular(x: &[Dual]) -> Vec<Dual> {
    vec![
        x[0] + 10.0 * x[1],
        5f64.sqrt() * (x[2] - x[3]),
        (x[1] - 2.0 * x[2]).powi(2),
        10f64.sqrt() * (x[0] - x[3]).powi(2),
    ]
}

pub(crate) fn wood(x: &[Dual]) -> Vec<Dual> {
    vec![
        10.0 * (x[1] - x[0] * x[0]),
        1.0 - x[0],
        90f64.sqrt() * (x[3] - x[2] * x[2]),
        1.0 - x[2],
        10f64.sqrt() * (x[1] + x[3] - 2.0),
        (x[1] - x[3]) / 10f64.sqrt(),
    ]
}

pub(crate) fn kowalik_osborne(x: &[Dual]) -> Vec<Dual> {
    let one = |&(y, u): &(f64, f64)| y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3]);
    KOWALIK.iter().map(one).collect()
}

pub(crate) fn brown_dennis(x: &[Dual]) -> Vec<Dual> {
    each(20, |i| {
        let t = i / 5.0;
        (x[0] + t * x[1] - t.exp()).powi(2) + (x[2] + x[3] * t.sin() - t.cos()).powi(2)
    })
}

pub(crate) fn osborne_1(x: &[Dual]) -> Vec<Dual> {
    each(33, |i| {
        let t = 10.0 * (i - 1.0);
        OSBORNE1[i as usize - 1] - (x[0] + x[1] * (-t * x[3]).exp() + x[2] * (-t * x[4]).exp())
    })
}

pub(crate) fn biggs_exp6(x: &[Dual]) -> Vec<Dual> {
    each(13, |i| {
        let t = 0.1 * i;
        let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
        let decay = |k: usize| (-t * x[k]).exp();
        x[2] * decay(0) - x[3] * decay(1) + x[5] * decay(4) - y
    })
}

pub(crate) fn osborne_2(x: &[Dual]) -> Vec<Dual> {
    each(65, |i| {
        let t = (i - 1.0) / 10.0;
        let bell = |k: usize| x[k] * (-x[k + 4] * (t - x[k + 7]).powi(2)).exp();
        OSBORNE2[i as usize - 1] - (x[0] * (-t * x[4]).exp() + bell(1) + bell(2) + bell(3))
    })
}

pub(crate) fn watson(x: &[Dual]) -> Vec<Dual> {
    let mut r = each(29, |i| {
        let t: f64 = i / 29.0;
        let slope = (1..x.len()).map(|j| j as f64 * t.powi(j as i32 - 1) * x[j]);
        let value = sum((0..x.len()).map(|j| t.powi(j as i32) * x[j]));
        sum(slope) - value * value - 1.0
    });
    r.extend([x[0], x[1] - x[0] * x[0] - 1.0]);
    r
}

pub(crate) fn chebyquad(x: &[Dual]) -> Vec<Dual> {
    let n = x.len();
    // T_i of all x by the recurrence, shifted to [0, 1].
    let mut before = vec![constant(1.0); n];
    let mut now: Vec<_> = x.iter().map(|&x| 2.0 * x - 1.0).collect();
    each(n, |i| i.into())
        .into_iter()
        .map(|i| {
            let i = i.value as usize;
            let mean = sum(now.iter().copied()) / n as f64;
            let next: Vec<_> = (0..n)
                .map(|j| 2.0 * (2.0 * x[j] - 1.0) * now[j] - before[j])
                .collect();
            before = std::mem::replace(&mut now, next);
            let integral = if i.is_multiple_of(2) {
                -1.0 / (i * i - 1) as f64
            } else {
                0.0
            };
            mean - integral
        })
        .collect()
}

pub(crate) fn brown_almost_linear(x: &[Dual]) -> Vec<Dual> {
    let n = x.len();
    let total = sum(x.iter().copied());
    let mut r: Vec<_> = x.iter().map(|&x| x + total - (n as f64 + 1.0)).collect();
    r[n - 1] = x.iter().fold(constant(1.0), |a, &b| a * b) - 1.0;
    r
}

pub(crate) fn linear_full_rank(x: &[Dual]) -> Vec<Dual> {
    let mean = 2.0 / 10.0 * sum(x.iter().copied());
    each(10, |i| {
        x.get(i as usize - 1).copied().unwrap_or(constant(0.0)) - mean - 1.0
    })
}

pub(crate) fn linear_rank_1(x: &[Dual]) -> Vec<Dual> {
    let weighted = sum(x.iter().zip(1..).map(|(&x, j)| f64::from(j) * x));
    each(10, |i| i * weighted - 1.0)
}

pub(crate) fn linear_rank_1_zeros(x: &[Dual]) -> Vec<Dual> {
    let inner = &x[1..x.len() - 1];
    let weighted = sum(inner.iter().zip(2..).map(|(&x, j)| f64::from(j) * x));
    each(10, |i| {
        if i == 1.0 || i == 10.0 {
            constant(-1.0)
        } else {
            (i - 1.0) * weighted - 1.0
        }
    })
}
