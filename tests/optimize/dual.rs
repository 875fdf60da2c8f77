//! Numbers that carry a derivative, so that a model is written once.

use std::ops::{Add, Div, Mul, Neg, Sub};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    pub(crate) slope: f64,
}

pub(crate) fn constant(value: f64) -> Dual {
    Dual { value, slope: 0.0 }
}

/// `x` as numbers of which the one at `moving`, if any, has slope 1.
pub(crate) fn duals(x: &[f64], moving: Option<usize>) -> Vec<Dual> {
    let dual = |(i, &value)| Dual {
        value,
        slope: f64::from(u8::from(moving == Some(i))),
    };
    x.iter().enumerate().map(dual).collect()
}

impl Dual {
    fn chain(self, value: f64, slope: f64) -> Self {
        Self {
            value,
            slope: slope * self.slope,
        }
    }

    pub(crate) fn exp(self) -> Self {
        let e = self.value.exp();
        self.chain(e, e)
    }

    pub(crate) fn ln(self) -> Self {
        self.chain(self.value.ln(), 1.0 / self.value)
    }

    pub(crate) fn sin(self) -> Self {
        self.chain(self.value.sin(), self.value.cos())
    }

    pub(crate) fn cos(self) -> Self {
        self.chain(self.value.cos(), -self.value.sin())
    }

    pub(crate) fn atan(self) -> Self {
        self.chain(self.value.atan(), 1.0 / (1.0 + self.value * self.value))
    }

    pub(crate) fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, 0.5 / root)
    }

    pub(crate) fn powi(self, k: i32) -> Self {
        self.chain(self.value.powi(k), f64::from(k) * self.value.powi(k - 1))
    }

    /// A positive number to any power.
    pub(crate) fn pow(self, power: impl Into<Dual>) -> Self {
        (self.ln() * power.into()).exp()
    }
}

impl From<f64> for Dual {
    fn from(value: f64) -> Self {
        constant(value)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        self.chain(-self.value, -1.0)
    }
}

macro_rules! operator {
    ($name:ident, $function:ident, |$a:ident, $b:ident| $value:expr, $slope:expr) => {
        impl<T: Into<Dual>> $name<T> for Dual {
            type Output = Dual;
            fn $function(self, other: T) -> Dual {
                let ($a, $b): (Dual, Dual) = (self, other.into());
                Dual {
                    value: $value,
                    slope: $slope,
                }
            }
        }
        impl $name<Dual> for f64 {
            type Output = Dual;
            fn $function(self, other: Dual) -> Dual {
                constant(self).$function(other)
            }
        }
    };
}

operator!(Add, add, |a, b| a.value + b.value, a.slope + b.slope);
operator!(Sub, sub, |a, b| a.value - b.value, a.slope - b.slope);
operator!(
    Mul,
    mul,
    |a, b| a.value * b.value,
    a.slope * b.value + a.value * b.slope
);
operator!(
    Div,
    div,
    |a, b| a.value / b.value,
    (a.slope - a.value / b.value * b.slope) / b.value
);
