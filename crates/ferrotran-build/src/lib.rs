//! Compiles, checks and binds Fortran and C in a build script.
