//! Built-in systems, vectorised in C.

use std::ffi::{c_int, c_void};

use super::rhs::{Direct, JacobianShape, RightHandSide};
use super::stepper::{Rhs, RhsFn};
use crate::{Error, Result, ffi};

/// A built-in system, for trials, tests and measurements.
///
/// ```
/// use ferrotran::integrate::System;
///
/// assert_eq!(System::Lorenz.components(), 3);
/// assert_eq!(System::Lorenz.usual_parameters(), [10.0, 28.0, 8.0 / 3.0]);
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Convection with chaos: `x' = σ(y - x)`, `y' = x(ρ - z) - y`, `z' = xy - βz` with the
    /// parameters σ, ρ, β. Lorenz 1963,
    /// doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2.
    Lorenz,
    /// A relaxation oscillator, stiff for large μ: `x' = v`, `v' = μ(1 - x²)v - x` with the
    /// parameter μ. Van der Pol 1926, doi:10.1080/14786442608564127.
    VanDerPol,
    /// A stiff chemical reaction: `x' = cyz - ax`, `y' = ax - cyz - by²`, `z' = by²` with the
    /// rates a, b, c as parameters. Robertson 1966, in Walsh (ed.), *Numerical Analysis: An
    /// Introduction*, pp. 178-182.
    Robertson,
    /// A light body in the plane of two heavy ones that circle each other, in coordinates that
    /// turn with them: two coordinates, two velocities; the parameter is the share of the second
    /// body in the mass. Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I*,
    /// 2nd ed., Springer 1993, section II.0, with Arenstorf's periodic orbits.
    ThreeBody,
}

impl System {
    /// Components of the state.
    #[must_use]
    pub const fn components(self) -> usize {
        match self {
            Self::Lorenz | Self::Robertson => 3,
            Self::VanDerPol => 2,
            Self::ThreeBody => 4,
        }
    }

    /// The parameters of the literature; their number is that of the system.
    #[must_use]
    pub const fn usual_parameters(self) -> &'static [f64] {
        match self {
            Self::Lorenz => &[10.0, 28.0, 8.0 / 3.0],
            Self::VanDerPol => &[1e3],
            Self::Robertson => &[0.04, 3e7, 1e4],
            Self::ThreeBody => &[0.012_277_471],
        }
    }
}

impl System {
    /// Whether these are its numbers.
    fn fits(self, components: usize, parameters: usize) -> bool {
        (components, parameters) == (self.components(), self.usual_parameters().len())
    }
}

impl RightHandSide for System {
    type Error = Error;
    type Source<'a> = Direct;
    type Jacobian<'a> = Direct;

    fn source(&self, parameters: usize, outputs: usize) -> Direct {
        direct(match self {
            _ if !self.fits(outputs, parameters) => refuse,
            Self::Lorenz => lorenz,
            Self::VanDerPol => van_der_pol,
            Self::Robertson => robertson,
            Self::ThreeBody => three_body,
        })
    }

    fn jacobian(&self, parameters: usize, shape: JacobianShape) -> Option<Direct> {
        match self {
            _ if shape.band.is_some() || !self.fits(shape.n, parameters) => None,
            Self::VanDerPol => Some(direct(van_der_pol_jac)),
            Self::Robertson => Some(direct(robertson_jac)),
            Self::Lorenz | Self::ThreeBody => None,
        }
    }

    fn in_lanes(&self) -> bool {
        true
    }

    fn check(&self, components: usize, parameters: usize) -> Result<()> {
        let length = |argument, expected, found| {
            if expected == found {
                Ok(())
            } else {
                Err(Error::Length {
                    argument,
                    expected,
                    found,
                })
            }
        };
        length("y0", self.components(), components)?;
        length("params", self.usual_parameters().len(), parameters)
    }
}

fn direct(f: RhsFn) -> Direct {
    let ctx = std::ptr::null_mut();
    Direct(Rhs { f, ctx })
}

/// Defines functions of C's calling convention that call the best variant of a kernel for states
/// of so many components, and stop the integration of any other.
macro_rules! kernels {
    ($($name:ident: $kernel:ident($components:literal),)*) => {$(
        unsafe extern "C" fn $name(
            ctx: *mut c_void,
            lanes: isize,
            n: isize,
            t: *const f64,
            y: *const f64,
            out: *mut f64,
            p: *const f64,
        ) -> c_int {
            if n != $components {
                return 1;
            }
            // SAFETY: the arrays are those of the header: there are so many components, and
            // `System::fits` has seen to the parameters and the numbers put out.
            unsafe { ffi::$kernel(ctx, lanes, n, t, y, out, p) }
        }
    )*};
}

kernels! {
    lorenz: ft_ode_lorenz_f64(3),
    van_der_pol: ft_ode_van_der_pol_f64(2),
    van_der_pol_jac: ft_ode_van_der_pol_jac_f64(2),
    robertson: ft_ode_robertson_f64(3),
    robertson_jac: ft_ode_robertson_jac_f64(3),
    three_body: ft_ode_three_body_f64(4),
}

/// Stops an integration that the system does not fit.
unsafe extern "C" fn refuse(
    _ctx: *mut c_void,
    _lanes: isize,
    _n: isize,
    _t: *const f64,
    _y: *const f64,
    _out: *mut f64,
    _p: *const f64,
) -> c_int {
    1
}

#[cfg(test)]
mod tests {
    use super::super::rhs::Source;
    use super::*;

    /// Values in every lane, of states and parameters that differ from lane to lane.
    fn call(source: &Direct, system: System, outputs: usize, lanes: usize) -> Vec<Vec<f64>> {
        let fill = |values: &[f64]| -> Vec<f64> {
            let each = |v: &f64| (0..lanes).map(|k| v * (1.0 + k as f64 / 7.0)).collect();
            values.iter().map(each).collect::<Vec<Vec<f64>>>().concat()
        };
        let rhs = source.rhs();
        let y = fill(&[0.9, -0.37, 1.3, 0.61][..system.components()]);
        let p = fill(system.usual_parameters());
        let (t, mut out) = (vec![0.0; lanes], vec![f64::NAN; outputs * lanes]);
        // SAFETY: the arrays have the lengths of the header.
        let status = unsafe {
            (rhs.f)(
                rhs.ctx,
                lanes as isize,
                system.components() as isize,
                t.as_ptr(),
                y.as_ptr(),
                out.as_mut_ptr(),
                p.as_ptr(),
            )
        };
        assert_eq!(status, 0);
        let lane = |k| out.iter().skip(k).step_by(lanes).copied().collect();
        (0..lanes).map(lane).collect()
    }

    fn plain(system: System, y: &[f64], p: &[f64]) -> Vec<f64> {
        match (system, y, p) {
            (System::Lorenz, &[x, y, z], &[sigma, rho, beta]) => {
                vec![sigma * (y - x), x * (rho - z) - y, x * y - beta * z]
            }
            (System::VanDerPol, &[x, v], &[mu]) => vec![v, mu * ((1.0 - x * x) * v) - x],
            (System::Robertson, &[x, y, z], &[a, b, c]) => {
                let (decay, back, made) = (a * x, c * y * z, b * (y * y));
                vec![back - decay, decay - back - made, made]
            }
            (System::ThreeBody, &[x, y, u, v], &[mu]) => {
                let (far, near) = (x + mu, x - (1.0 - mu));
                let (r, s) = (far * far + y * y, near * near + y * y);
                let (m, n) = ((1.0 - mu) / (r * r.sqrt()), mu / (s * s.sqrt()));
                let first = x + 2.0 * v - (m * far + n * near);
                vec![u, v, first, y - 2.0 * u - (m * y + n * y)]
            }
            _ => unreachable!(),
        }
    }

    const ALL: [System; 4] = [
        System::Lorenz,
        System::VanDerPol,
        System::Robertson,
        System::ThreeBody,
    ];

    #[test]
    fn values_have_the_bits_of_plain_rust_in_any_number_of_lanes() {
        for system in ALL {
            for lanes in [1, 2, 3, 4, 5, 7, 8, 9, 16] {
                let (n, npar) = (system.components(), system.usual_parameters().len());
                for (k, found) in call(&system.source(npar, n), system, n, lanes)
                    .iter()
                    .enumerate()
                {
                    let scaled = |v: &[f64]| -> Vec<f64> {
                        v.iter().map(|v| v * (1.0 + k as f64 / 7.0)).collect()
                    };
                    let y = scaled(&[0.9, -0.37, 1.3, 0.61][..n]);
                    let p = scaled(system.usual_parameters());
                    assert_eq!(
                        *found,
                        plain(system, &y, &p),
                        "{system:?}, lane {k} of {lanes}"
                    );
                }
            }
        }
    }

    #[test]
    fn jacobians_are_the_derivatives_in_any_number_of_lanes() {
        for system in ALL {
            let (n, p) = (system.components(), system.usual_parameters());
            let band = Some((n - 1, n - 1));
            let banded = system.jacobian(p.len(), JacobianShape { n, band });
            assert!(banded.is_none());
            let shape = JacobianShape { n, band: None };
            let Some(jacobian) = system.jacobian(p.len(), shape) else {
                continue;
            };
            let alone = &call(&jacobian, system, n * n, 1)[0];
            for lanes in [2, 5, 8] {
                assert_eq!(call(&jacobian, system, n * n, lanes)[0], *alone);
            }
            // Polynomials of degree 3 at most: central differences are wrong by h²/6 times the
            // third derivative, 2 mu = 2000, and by roundoff of f, 1e7 at most, over h.
            let (y, h) = ([0.9, -0.37, 1.3], 1e-4);
            for j in 0..n {
                let at = |h: f64| {
                    let mut y = y[..n].to_vec();
                    y[j] += h;
                    plain(system, &y, p)
                };
                let (up, down) = (at(h), at(-h));
                for i in 0..n {
                    let slope = (up[i] - down[i]) / (2.0 * h);
                    let error = (slope - alone[i * n + j]).abs();
                    assert!(error < 1e-4, "{system:?}: {i}, {j}: {error}");
                }
            }
        }
    }
}
