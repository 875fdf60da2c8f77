//! Seven stiff problems of Mazzia and Magherini, *Test Set for Initial Value Problem Solvers*,
//! release 2.4, University of Bari, 2008, written from their descriptions.

use std::f64::consts::PI;

use ferrotran::integrate::{IvpOptions, Method};

/// A problem from t = 0 on, autonomous or not.
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    pub(crate) f: fn(f64, &[f64], &mut [f64]),
    pub(crate) jac: fn(f64, &[f64], &mut [f64]),
    pub(crate) y0: &'static [f64],
    pub(crate) t_end: f64,
    /// The absolute tolerance of the set; `None`: the relative one.
    atol: Option<f64>,
}

impl Problem {
    pub(crate) fn options(&self, rtol: f64) -> IvpOptions {
        IvpOptions {
            method: Method::Radau,
            rtol,
            atol: self.atol.unwrap_or(rtol).into(),
            t_eval: Some(vec![self.t_end]),
            ..Default::default()
        }
    }

    /// The state at the end by the reference of `tests/data/stiff.csv`.
    pub(crate) fn reference(&self) -> Vec<f64> {
        include_str!("../data/stiff.csv")
            .lines()
            .filter_map(|line| line.strip_prefix(self.name)?.split(',').nth(2))
            .map(|state| state.parse().unwrap())
            .collect()
    }

    /// The largest error of a component, in its tolerance at the end.
    pub(crate) fn error(&self, rtol: f64, y: impl IntoIterator<Item = f64>) -> f64 {
        let atol = self.atol.unwrap_or(rtol);
        let errors = y.into_iter().zip(self.reference());
        errors
            .map(|(y, exact)| (y - exact).abs() / (atol + rtol * exact.abs()))
            .fold(0.0, |a: f64, b| if b > a || b.is_nan() { b } else { a })
    }
}

pub(crate) const PROBLEMS: [Problem; 7] = [
    Problem {
        name: "ROBER",
        f: |_, y, f| {
            let (a, b, c) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
            f.copy_from_slice(&[b - a, a - b - c, c]);
        },
        jac: |_, y, jac| {
            let (b1, b2, c1) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
            jac.copy_from_slice(&[-0.04, b1, b2, 0.04, -b1 - c1, -b2, 0.0, c1, 0.0]);
        },
        y0: &[1.0, 0.0, 0.0],
        t_end: 1e11,
        atol: Some(1e-14),
    },
    Problem {
        name: "HIRES",
        f: hires,
        jac: hires_jac,
        y0: &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057],
        t_end: 321.8122,
        atol: None,
    },
    Problem {
        name: "OREGO",
        f: |_, y, f| {
            f[0] = 77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1]));
            f[1] = (y[2] - (1.0 + y[0]) * y[1]) / 77.27;
            f[2] = 0.161 * (y[0] - y[2]);
        },
        jac: |_, y, jac| {
            jac[0] = 77.27 * (1.0 - 2.0 * 8.375e-6 * y[0] - y[1]);
            jac[1] = 77.27 * (1.0 - y[0]);
            jac[3] = -y[1] / 77.27;
            jac[4] = -(1.0 + y[0]) / 77.27;
            jac[5] = 1.0 / 77.27;
            jac[6] = 0.161;
            jac[8] = -0.161;
        },
        y0: &[1.0, 2.0, 3.0],
        t_end: 360.0,
        atol: None,
    },
    Problem {
        name: "VDPOL",
        f: |_, y, f| {
            f[0] = y[1];
            f[1] = ((1.0 - y[0] * y[0]) * y[1] - y[0]) / 1e-6;
        },
        jac: |_, y, jac| {
            jac[1] = 1.0;
            jac[2] = (-2.0 * y[0] * y[1] - 1.0) / 1e-6;
            jac[3] = (1.0 - y[0] * y[0]) / 1e-6;
        },
        y0: &[2.0, 0.0],
        t_end: 2.0,
        atol: None,
    },
    Problem {
        name: "E5",
        f: |_, y, f| {
            let (a, b) = (7.89e-10 * y[0], 1.1e7 * y[0] * y[2]);
            let (c, d) = (1.13e9 * y[1] * y[2], 1.13e3 * y[3]);
            f.copy_from_slice(&[-a - b, a - c, a - c - (b - d), b - d]);
        },
        jac: |_, y, jac| {
            let (a, b1, b3) = (7.89e-10, 1.1e7 * y[2], 1.1e7 * y[0]);
            let (c2, c3, d) = (1.13e9 * y[2], 1.13e9 * y[1], 1.13e3);
            jac.copy_from_slice(&[
                -a - b1,
                0.0,
                -b3,
                0.0, //
                a,
                -c2,
                -c3,
                0.0, //
                a - b1,
                -c2,
                -c3 - b3,
                d, //
                b1,
                0.0,
                b3,
                -d,
            ]);
        },
        y0: &[1.76e-3, 0.0, 0.0, 0.0],
        t_end: 1e13,
        atol: Some(1.11e-24),
    },
    Problem {
        name: "POLLU",
        f: pollu,
        jac: pollu_jac,
        y0: &[
            0.0, 0.2, 0.0, 0.04, 0.0, 0.0, 0.1, 0.3, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
            0.007, 0.0, 0.0, 0.0,
        ],
        t_end: 60.0,
        atol: None,
    },
    Problem {
        name: "RING",
        f: ring,
        jac: ring_jac,
        y0: &[0.0; 15],
        t_end: 1e-3,
        atol: None,
    },
];

fn hires(_: f64, y: &[f64], f: &mut [f64]) {
    let r = 280.0 * y[5] * y[7];
    f[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
    f[1] = 1.71 * y[0] - 8.75 * y[1];
    f[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
    f[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
    f[4] = -1.745 * y[4] + 0.43 * (y[5] + y[6]);
    f[5] = -r + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
    f[6] = r - 1.81 * y[6];
    f[7] = -f[6];
}

fn hires_jac(_: f64, y: &[f64], jac: &mut [f64]) {
    let (r5, r7) = (280.0 * y[7], 280.0 * y[5]);
    for (i, j, value) in [
        (0, 0, -1.71),
        (0, 1, 0.43),
        (0, 2, 8.32),
        (1, 0, 1.71),
        (1, 1, -8.75),
        (2, 2, -10.03),
        (2, 3, 0.43),
        (2, 4, 0.035),
        (3, 1, 8.32),
        (3, 2, 1.71),
        (3, 3, -1.12),
        (4, 4, -1.745),
        (4, 5, 0.43),
        (4, 6, 0.43),
        (5, 3, 0.69),
        (5, 4, 1.71),
        (5, 5, -0.43 - r5),
        (5, 6, 0.69),
        (5, 7, -r7),
        (6, 5, r5),
        (6, 6, -1.81),
        (6, 7, r7),
        (7, 5, -r5),
        (7, 6, 1.81),
        (7, 7, -r7),
    ] {
        jac[8 * i + j] = value;
    }
}

/// Rate, what reacts and what comes of it, by numbers from 1.
type Reaction = (f64, &'static [usize], &'static [usize]);

const REACTIONS: [Reaction; 25] = [
    (0.35, &[1], &[2, 3]),
    (26.6, &[2, 4], &[1]),
    (1.23e4, &[5, 2], &[1, 6]),
    (8.6e-4, &[7], &[5, 5, 8]),
    (8.2e-4, &[7], &[8]),
    (1.5e4, &[7, 6], &[5, 8]),
    (1.3e-4, &[9], &[5, 8, 10]),
    (2.4e4, &[9, 6], &[11]),
    (1.65e4, &[11, 2], &[1, 10, 12]),
    (9e3, &[11, 1], &[13]),
    (0.022, &[13], &[1, 11]),
    (1.2e4, &[10, 2], &[1, 14]),
    (1.88, &[14], &[5, 7]),
    (1.63e4, &[1, 6], &[15]),
    (4.8e6, &[3], &[4]),
    (3.5e-4, &[4], &[16]),
    (0.0175, &[4], &[3]),
    (1e8, &[16], &[6, 6]),
    (4.44e11, &[16], &[3]),
    (1.24e3, &[17, 6], &[5, 18]),
    (2.1, &[19], &[2]),
    (5.78, &[19], &[1, 3]),
    (0.0474, &[1, 4], &[19]),
    (1.78e3, &[19, 1], &[20]),
    (3.12, &[20], &[1, 19]),
];

fn pollu(_: f64, y: &[f64], f: &mut [f64]) {
    f.fill(0.0);
    for (rate, from, to) in REACTIONS {
        let speed = from.iter().fold(rate, |speed, i| speed * y[i - 1]);
        from.iter().for_each(|i| f[i - 1] -= speed);
        to.iter().for_each(|i| f[i - 1] += speed);
    }
}

fn pollu_jac(_: f64, y: &[f64], jac: &mut [f64]) {
    for (rate, from, to) in REACTIONS {
        for j in from {
            let others = from.iter().filter(|i| *i != j);
            let slope = others.fold(rate, |slope, i| slope * y[i - 1]);
            from.iter().for_each(|i| jac[20 * (i - 1) + j - 1] -= slope);
            to.iter().for_each(|i| jac[20 * (i - 1) + j - 1] += slope);
        }
    }
}

const C: f64 = 1.6e-8;
const CS: f64 = 2e-12;
const CP: f64 = 1e-8;
const R: f64 = 25e3;
const RP: f64 = 50.0;
const LH: f64 = 4.45;
const LS1: f64 = 2e-3;
const LS2: f64 = 5e-4;
const RG1: f64 = 36.3;
const RG2: f64 = 17.3;
const RI: f64 = 50.0;
const RC: f64 = 600.0;
const GAMMA: f64 = 40.672_864_02e-9;
const DELTA: f64 = 17.749_333_2;

/// Components, by index, that the voltages at the four diodes are made of, with signs.
const VOLTAGES: [[(usize, f64); 3]; 4] = [
    [(2, 1.0), (4, -1.0), (6, -1.0)],
    [(3, -1.0), (5, 1.0), (6, -1.0)],
    [(3, 1.0), (4, 1.0), (6, 1.0)],
    [(2, -1.0), (5, -1.0), (6, 1.0)],
];
/// Equation, diode, and its current's sign over the capacity.
const CURRENTS: [(usize, usize, f64); 12] = [
    (2, 0, -1.0 / CS),
    (2, 3, 1.0 / CS),
    (3, 1, 1.0 / CS),
    (3, 2, -1.0 / CS),
    (4, 0, 1.0 / CS),
    (4, 2, -1.0 / CS),
    (5, 1, -1.0 / CS),
    (5, 3, 1.0 / CS),
    (6, 0, 1.0 / CP),
    (6, 1, 1.0 / CP),
    (6, 2, -1.0 / CP),
    (6, 3, -1.0 / CP),
];
/// Equation, component and factor of what is linear.
const LINEAR: [(usize, usize, f64); 33] = [
    (0, 7, 1.0 / C),
    (0, 9, -0.5 / C),
    (0, 10, 0.5 / C),
    (0, 13, 1.0 / C),
    (0, 0, -1.0 / (R * C)),
    (1, 8, 1.0 / C),
    (1, 11, -0.5 / C),
    (1, 12, 0.5 / C),
    (1, 14, 1.0 / C),
    (1, 1, -1.0 / (R * C)),
    (2, 9, 1.0 / CS),
    (3, 10, -1.0 / CS),
    (4, 11, 1.0 / CS),
    (5, 12, -1.0 / CS),
    (6, 6, -1.0 / (RP * CP)),
    (7, 0, -1.0 / LH),
    (8, 1, -1.0 / LH),
    (9, 0, 0.5 / LS2),
    (9, 2, -1.0 / LS2),
    (9, 9, -RG2 / LS2),
    (10, 0, -0.5 / LS2),
    (10, 3, 1.0 / LS2),
    (10, 10, -RG2 / LS2),
    (11, 1, 0.5 / LS2),
    (11, 4, -1.0 / LS2),
    (11, 11, -RG2 / LS2),
    (12, 1, -0.5 / LS2),
    (12, 5, 1.0 / LS2),
    (12, 12, -RG2 / LS2),
    (13, 0, -1.0 / LS1),
    (13, 13, -(RI + RG1) / LS1),
    (14, 1, -1.0 / LS1),
    (14, 14, -(RC + RG1) / LS1),
];

/// The voltages at the diodes.
fn voltages(t: f64, y: &[f64]) -> [f64; 4] {
    let carrier = 2.0 * (2e4 * PI * t).sin();
    VOLTAGES.map(|terms| {
        let last = terms[2].1 * carrier;
        terms.iter().fold(last, |sum, (i, sign)| sum + sign * y[*i])
    })
}

fn ring(t: f64, y: &[f64], f: &mut [f64]) {
    f.fill(0.0);
    let current = voltages(t, y).map(|u| GAMMA * ((DELTA * u).exp() - 1.0));
    for (i, diode, factor) in CURRENTS {
        f[i] += factor * current[diode];
    }
    for (i, j, factor) in LINEAR {
        f[i] += factor * y[j];
    }
    f[13] += 0.5 * (2e3 * PI * t).sin() / LS1;
}

fn ring_jac(t: f64, y: &[f64], jac: &mut [f64]) {
    let slope = voltages(t, y).map(|u| GAMMA * DELTA * (DELTA * u).exp());
    for (i, diode, factor) in CURRENTS {
        for (j, sign) in VOLTAGES[diode] {
            jac[15 * i + j] += factor * sign * slope[diode];
        }
    }
    for (i, j, factor) in LINEAR {
        jac[15 * i + j] += factor;
    }
}
