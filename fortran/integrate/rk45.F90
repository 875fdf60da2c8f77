! SPDX-License-Identifier: MIT OR Apache-2.0
! The method of order 5(4) of Dormand and Prince, for one member and for 8 side by side.
!
! Dormand and Prince, A family of embedded Runge-Kutta formulae, J. Comput. Appl. Math. 6 (1980),
! doi:10.1016/0771-050X(80)90013-3. Dense output and stiffness as in DOPRI5: Hairer, Norsett and
! Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993.

module ferrotran_rk45_x1
   !! One member.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_ptr, &
      ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_control_x1, only: enter, judge
   use ferrotran_rk_lanes, only: ft_phase, ft_running, ft_t, ft_t_new, reals, rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_rk45_x1_f64, ft_rk45_x1_dense_f64

   integer(ip), parameter :: lanes = 1
#define FT_ATTEMPT ft_rk45_x1_f64
#define FT_DENSE ft_rk45_x1_dense_f64
#include "rk45.inc"
#undef FT_ATTEMPT
#undef FT_DENSE
end module ferrotran_rk45_x1

module ferrotran_rk45_x8
   !! 8 members.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_ptr, &
      ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_control_x8, only: enter, judge
   use ferrotran_rk_lanes, only: ft_phase, ft_running, ft_t, ft_t_new, reals, rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_rk45_x8_f64, ft_rk45_x8_dense_f64

   integer(ip), parameter :: lanes = 8
#define FT_ATTEMPT ft_rk45_x8_f64
#define FT_DENSE ft_rk45_x8_dense_f64
#include "rk45.inc"
end module ferrotran_rk45_x8
