//! Stencil operators on grids.
//!
//! [`heat2d`] takes explicit steps of the diffusion equation, [`par_heat2d`] does so with all
//! threads.

pub(crate) mod heat2d;

pub use heat2d::{
    Diffusivity, Edges, Heat2d, Language, Mean, heat2d, heat2d_in_place, heat2d_into, par_heat2d,
    par_heat2d_in_place, par_heat2d_in_place_while, par_heat2d_into, par_heat2d_into_while,
};

#[cfg(doctest)]
#[doc = include_str!("../../docs/heat2d.md")]
struct Heat2dPage;
