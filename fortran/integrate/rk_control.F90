! SPDX-License-Identifier: MIT OR Apache-2.0
! Step size control of the explicit Runge-Kutta methods, for one member and for 8 side by side.
!
! Hairer, Norsett and Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993,
! section II.4 (first step, control); Hairer and Wanner, volume II, 2nd ed. 1996, section IV.2
! (stiffness). Every lane has a step of its own; nothing is summed across lanes, so that a member
! has the same bits in any company.

module ferrotran_rk_control_x1
   !! Step size control of one member.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_int64_t, ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_lanes, only: ft_accepted, ft_accepted_steps, ft_calm, ft_empty, &
      ft_evaluations, ft_fresh, ft_idle, ft_max_step, ft_moved, ft_next_step, ft_not_finite, &
      ft_outcome, ft_phase, ft_rejected, ft_rejected_steps, ft_repeated, ft_running, &
      ft_step_too_small, ft_stiff_steps, ft_streak, ft_t, ft_t_end, ft_t_new, ft_t_old, reals, &
      rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: enter, judge

   integer(ip), parameter :: lanes = 1
#include "rk_control.inc"
end module ferrotran_rk_control_x1

module ferrotran_rk_control_x8
   !! Step size control of 8 members.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_int64_t, ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_lanes, only: ft_accepted, ft_accepted_steps, ft_calm, ft_empty, &
      ft_evaluations, ft_fresh, ft_idle, ft_max_step, ft_moved, ft_next_step, ft_not_finite, &
      ft_outcome, ft_phase, ft_rejected, ft_rejected_steps, ft_repeated, ft_running, &
      ft_step_too_small, ft_stiff_steps, ft_streak, ft_t, ft_t_end, ft_t_new, ft_t_old, reals, &
      rhs, tallies
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: enter, judge

   integer(ip), parameter :: lanes = 8
#include "rk_control.inc"
end module ferrotran_rk_control_x8
