//! What to compute.

use ndarray::{Array2, ArrayView2};

use super::factors::Factors;
use crate::error::require;
use crate::{Error, Real, Result, ffi};

/// How fast heat spreads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Diffusivity<'a, T> {
    /// The same everywhere, in units of length² / time.
    Constant(f64),
    /// One value for each cell, in the shape of the grid; [`Mean`] makes those of the faces.
    PerCell(ArrayView2<'a, T>),
}

impl<T> From<f64> for Diffusivity<'_, T> {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

impl<'a, T> From<ArrayView2<'a, T>> for Diffusivity<'a, T> {
    fn from(cells: ArrayView2<'a, T>) -> Self {
        Self::PerCell(cells)
    }
}

impl<'a, T> From<&'a Array2<T>> for Diffusivity<'a, T> {
    fn from(cells: &'a Array2<T>) -> Self {
        Self::PerCell(cells.view())
    }
}

/// What the sides of the grid do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Edges {
    /// The outermost rows and columns keep their values.
    #[default]
    Dirichlet,
    /// No flux leaves the grid: the sum over all cells is kept, up to rounding.
    Neumann,
    /// Opposite sides are neighbours: the sum over all cells is kept, up to rounding.
    Periodic,
}

impl Edges {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dirichlet, Self::Neumann, Self::Periodic];

    /// The name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dirichlet => "dirichlet",
            Self::Neumann => "neumann",
            Self::Periodic => "periodic",
        }
    }

    pub(super) fn code(self) -> std::ffi::c_int {
        match self {
            Self::Dirichlet => ffi::FT_EDGE_DIRICHLET,
            Self::Neumann => ffi::FT_EDGE_NEUMANN,
            Self::Periodic => ffi::FT_EDGE_PERIODIC,
        }
    }
}

/// How the diffusivity of a face is made from those of the two cells it lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mean {
    /// 2 a b / (a + b): the steady flux is exact where the diffusivity jumps at a face, and a cell
    /// of diffusivity 0 is insulated (Patankar, *Numerical Heat Transfer and Fluid Flow*,
    /// Hemisphere 1980, section 4.2-3).
    #[default]
    Harmonic,
    /// (a + b) / 2: for a diffusivity that varies smoothly.
    Arithmetic,
}

/// The language of the kernel. Either gives the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// `fortran/stencil/heat2d.F90`. The default: as fast as C within the noise of a
    /// measurement, and checked for array bounds in debug builds.
    #[default]
    Fortran,
    /// `csrc/stencil/heat2d.c`.
    C,
}

/// The options of [`heat2d`](super::heat2d): what to compute, in which steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heat2d<'a, T> {
    /// How fast heat spreads; finite and not negative.
    pub diffusivity: Diffusivity<'a, T>,
    /// Time step, at least 0 and at most [`Heat2d::largest_dt`].
    pub dt: f64,
    /// Number of steps.
    pub steps: usize,
    /// Distance of neighbouring columns, finite and above 0.
    pub dx: f64,
    /// Distance of neighbouring rows, finite and above 0.
    pub dy: f64,
    /// What the sides of the grid do.
    pub edges: Edges,
    /// How the diffusivities of faces are made; not read if the diffusivity is constant.
    pub mean: Mean,
    /// The language of the kernel.
    pub language: Language,
}

impl<'a, T: Real> Heat2d<'a, T> {
    /// Some steps on a grid of unit spacing whose rim keeps its values; the fields are public,
    /// for other choices.
    pub fn new(diffusivity: impl Into<Diffusivity<'a, T>>, dt: f64, steps: usize) -> Self {
        Self {
            diffusivity: diffusivity.into(),
            dt,
            steps,
            dx: 1.0,
            dy: 1.0,
            edges: Edges::default(),
            mean: Mean::default(),
            language: Language::default(),
        }
    }

    /// Returns the largest `dt` for which no cell's new value lies outside those of its
    /// neighbours and itself, on a grid of this shape; the field `dt` is not read.
    ///
    /// For constant diffusivity D it is 1 / (2 D (1/dx² + 1/dy²)), else the reciprocal of the
    /// largest sum of a cell's four face diffusivities over dx² or dy²: up to it the scheme is
    /// stable and keeps the maximum principle. A side of one cell does not count with Neumann or
    /// periodic edges; where nothing moves the result is infinite.
    ///
    /// # Errors
    ///
    /// As [`heat2d`](super::heat2d), but for `dt`.
    pub fn largest_dt(&self, shape: (usize, usize)) -> Result<f64> {
        let unit = Self { dt: 1.0, ..*self };
        unit.check(shape)?;
        Ok(1.0 / Factors::of(shape, &unit, false, false)?.1)
    }

    /// Checks all but the values of a diffusivity for each cell and whether `dt` is stable.
    pub(super) fn check(&self, shape: (usize, usize)) -> Result<()> {
        for (name, h) in [("dx", self.dx), ("dy", self.dy)] {
            require(name, h, h > 0.0 && h.is_finite(), "a finite number above 0")?;
        }
        let not_negative = |x: f64| x >= 0.0 && x.is_finite();
        require("dt", self.dt, not_negative(self.dt), NOT_NEGATIVE)?;
        match self.diffusivity {
            Diffusivity::Constant(d) => require("diffusivity", d, not_negative(d), NOT_NEGATIVE),
            Diffusivity::PerCell(d) if d.dim() == shape => Ok(()),
            Diffusivity::PerCell(d) => Err(Error::Shape {
                argument: "diffusivity",
                expected: vec![shape.0, shape.1],
                found: d.shape().to_vec(),
            }),
        }
    }
}

pub(super) const NOT_NEGATIVE: &str = "a finite number, at least 0";
