! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_rk_lanes
   !! What the explicit Runge-Kutta methods keep for each lane.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, ip => c_ptrdiff_t, wp => c_double
   implicit none (type, external)
   public

#define FT_LANE(name, value, text) integer(ip), parameter :: name = value
#include "ferrotran_lanes.def"
   integer(ip), parameter :: reals = ft_next_step + 1 !! numbers of a lane
   integer(ip), parameter :: tallies = ft_wanted + 1 !! whole numbers of a lane

   abstract interface
      function rhs(ctx, lanes, n, t, y, dydt, p) bind(c) result(stop)
         !! The right-hand sides of all lanes; nonzero stops.
         import :: c_int, c_ptr, ip, wp
         implicit none (type, external)
         type(c_ptr), intent(in), value :: ctx !! the caller's
         integer(ip), intent(in), value :: lanes !! members side by side
         integer(ip), intent(in), value :: n !! equations of each
         real(wp), intent(in) :: t(lanes) !! times
         real(wp), intent(in) :: y(lanes, n) !! states
         real(wp), intent(inout) :: dydt(lanes, n) !! their derivatives
         real(wp), intent(in) :: p(lanes, *) !! parameters
         integer(c_int) :: stop
      end function rhs
   end interface
end module ferrotran_rk_lanes
