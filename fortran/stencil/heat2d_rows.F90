! SPDX-License-Identifier: MIT OR Apache-2.0
! The arithmetic of heat2d.F90, row by row. A file of its own: inlined into the moving front, the
! loops run out of registers and take 1.3 times as long (gfortran 12).
!
! Compiled with -ffp-contract=off: parentheses do not keep gfortran from fusing a product with a
! sum in a vectorised loop, and which of two products it takes would change the bits.

module ferrotran_heat2d_rows_f64
   !! One step of rows of cells, double precision.
   use, intrinsic :: iso_c_binding, only: ip => c_ptrdiff_t, wp => c_double
   implicit none (type, external)
   private
   public :: step4, step1, step_flux, copy

#include "heat2d_rows.inc"
end module ferrotran_heat2d_rows_f64

module ferrotran_heat2d_rows_f32
   !! One step of rows of cells, single precision.
   use, intrinsic :: iso_c_binding, only: ip => c_ptrdiff_t, wp => c_float
   implicit none (type, external)
   private
   public :: step4, step1, step_flux, copy

#include "heat2d_rows.inc"
end module ferrotran_heat2d_rows_f32
