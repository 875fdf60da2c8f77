! SPDX-License-Identifier: MIT OR Apache-2.0
! Five-point diffusion, explicit in time: many steps of one tile while it stays in cache.
!
! The tile moves down the grid as a slanted front of rows (time skewing: Wonnacott 2002,
! doi:10.1023/A:1015460304860; cache-oblivious form: Frigo and Strumpen 2005,
! doi:10.1145/1088149.1088197). Position k of the front is k rows behind the loaded rows and k
! steps ahead of them, so each row is read once and written once in `steps` steps. Tiles overlap
! by `steps` cells and share nothing.
!
! Every cell is computed by one expression, whatever the tile (heat2d_rows.F90): the same bits for
! any tiling, instruction set, language and memory order.
#define FT_EDGE(name, value, text) integer(c_int), parameter :: name = value

module ferrotran_heat2d_f64
   !! Explicit five-point diffusion, double precision.
   use, intrinsic :: iso_c_binding, only: c_int, ip => c_ptrdiff_t, wp => c_double
   use ferrotran_heat2d_rows_f64, only: step4, step1, step_flux, copy
   use ferrotran_status, only: ft_ok, ft_invalid_argument
   implicit none (type, external)
   private
   public :: ft_heat2d_f64

#define FT_HEAT2D ft_heat2d_f64
#include "heat2d.inc"
#undef FT_HEAT2D
end module ferrotran_heat2d_f64

module ferrotran_heat2d_f32
   !! Explicit five-point diffusion, single precision.
   use, intrinsic :: iso_c_binding, only: c_int, ip => c_ptrdiff_t, wp => c_float
   use ferrotran_heat2d_rows_f32, only: step4, step1, step_flux, copy
   use ferrotran_status, only: ft_ok, ft_invalid_argument
   implicit none (type, external)
   private
   public :: ft_heat2d_f32

#define FT_HEAT2D ft_heat2d_f32
#include "heat2d.inc"
end module ferrotran_heat2d_f32
