! SPDX-License-Identifier: MIT OR Apache-2.0
! The method of order 8(5,3) of Dormand and Prince, for one member and for 8 side by side.
!
! DOP853 of Hairer, Norsett and Wanner, *Solving Ordinary Differential Equations I*, 2nd ed.,
! Springer 1993, sections II.5, II.6 and II.10, after Prince and Dormand, High order embedded
! Runge-Kutta formulae, J. Comput. Appl. Math. 7 (1981), doi:10.1016/0771-050X(81)90010-3.

module ferrotran_dop853_x1
   !! One member.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_ptr, &
      ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_control_x1, only: enter, judge
   use ferrotran_rk_lanes, only: ft_evaluations, ft_phase, ft_running, ft_t, ft_t_new, ft_wanted, &
      reals, rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_dop853_x1_f64, ft_dop853_x1_dense_f64

   integer(ip), parameter :: lanes = 1
#define FT_ATTEMPT ft_dop853_x1_f64
#define FT_DENSE ft_dop853_x1_dense_f64
#include "dop853.inc"
#undef FT_ATTEMPT
#undef FT_DENSE
end module ferrotran_dop853_x1

module ferrotran_dop853_x8
   !! 8 members.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_ptr, &
      ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_control_x8, only: enter, judge
   use ferrotran_rk_lanes, only: ft_evaluations, ft_phase, ft_running, ft_t, ft_t_new, ft_wanted, &
      reals, rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_dop853_x8_f64, ft_dop853_x8_dense_f64

   integer(ip), parameter :: lanes = 8
#define FT_ATTEMPT ft_dop853_x8_f64
#define FT_DENSE ft_dop853_x8_dense_f64
#include "dop853.inc"
end module ferrotran_dop853_x8
