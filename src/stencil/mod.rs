//! Stencil operators on grids.
