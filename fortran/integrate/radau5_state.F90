! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_state
   !! What RADAU5 keeps of a member, the shape of its callbacks, and its constants.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, ip => c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   public

#define FT_RADAU5(name, value, text) integer(ip), parameter :: name = value
#include "ferrotran_radau5.def"
   real(dp), parameter :: eps = epsilon(1.0_dp) !! spacing of the numbers at one
   real(dp), parameter :: largest = huge(1.0_dp) !! largest number
   integer(ip), parameter :: one = 1 !! member at a time
   include 'radau5_table.inc'
   ! Reciprocal distances of the nodes of the dense output, in the order of their use.
   real(dp), parameter :: differ(5) = 1/[1 - node(2), node(2) - node(1), node(1), node(2), &
      1 - node(1)]

   abstract interface
      function field(ctx, lanes, n, t, y, out, p) bind(c) result(stop)
         !! Put the derivative, or its Jacobian, at (t, y) into `out`; nonzero stops the kernel.
         import :: c_int, c_ptr, dp, ip
         implicit none (type, external)
         type(c_ptr), intent(in), value :: ctx !! the caller's own
         integer(ip), intent(in), value :: lanes !! members at once: 1 or 8
         integer(ip), intent(in), value :: n !! components
         real(dp), intent(in) :: t(lanes) !! times
         real(dp), intent(in) :: y(lanes, n) !! states
         real(dp), intent(inout) :: out(lanes, n) !! derivatives; of Jacobians, the rows
         real(dp), intent(in) :: p(lanes, *) !! parameters
         integer(c_int) :: stop
      end function field
   end interface
contains
   elemental function jacobian_rows(n, ml, mu) result(rows)
      !! Rows in which a Jacobian is kept.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      integer(ip) :: rows

      rows = n
      if (ml >= 0) rows = ml + mu + 1
   end function jacobian_rows

   elemental function matrix_rows(n, ml, mu) result(rows)
      !! Rows in which factors are kept.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      integer(ip) :: rows

      rows = n
      if (ml >= 0) rows = 2*ml + mu + 1
   end function matrix_rows
end module ferrotran_radau5_state
