//! Initial value problems of ordinary differential equations.

#![expect(dead_code, reason = "the methods and drivers follow")]

mod stepper;
