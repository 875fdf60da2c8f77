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
   use ferrotran_rk_lanes
   implicit none (type, external)
   private
   public :: begin, commit, judge, propose

   integer(ip), parameter :: lanes = 1
#include "rk_control.inc"
end module ferrotran_rk_control_x1

module ferrotran_rk_control_x8
   !! Step size control of 8 members.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_int64_t, ip => c_ptrdiff_t, wp => c_double
   use ferrotran_rk_lanes
   implicit none (type, external)
   private
   public :: begin, commit, judge, propose

   integer(ip), parameter :: lanes = 8
#include "rk_control.inc"
end module ferrotran_rk_control_x8
