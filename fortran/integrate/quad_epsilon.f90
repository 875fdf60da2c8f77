! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_quad_epsilon
   !! Limit of a slowly convergent sequence by the epsilon algorithm.
   !!
   !! Wynn, *Math. Tables Aids Comput.* 10 (1956) 91, doi:10.2307/2002183, with the safeguards
   !! of Piessens et al., *QUADPACK*, Springer 1983, section 2.2.2: only the lowest diagonal of
   !! the table is kept, irregular entries shorten it, and three past limits give the error.
   use, intrinsic :: iso_c_binding, only: dp => c_double
   use ferrotran_quad_rules, only: eps, oflow
   implicit none (type, external)
   private
   public :: extrapolate, longest

   integer, parameter :: longest = 50 !! elements of the diagonal that are kept

contains
   pure subroutine extrapolate(n, e, calls, past, limit, error)
      !! Extend the table by the partial sum `e(n)`, at least the third; estimate the limit.
      integer, intent(inout) :: n !! elements in use
      real(dp), intent(inout) :: e(longest + 2) !! even columns of the diagonal, newest last
      integer, intent(inout) :: calls !! limits computed so far
      real(dp), intent(inout) :: past(3) !! the last three limits
      real(dp), intent(out) :: limit !! extrapolated limit
      real(dp), intent(out) :: error !! estimate of its absolute error
      real(dp) :: e0
      real(dp) :: e1
      real(dp) :: e2
      real(dp) :: e3
      real(dp) :: candidate
      real(dp) :: distance
      real(dp) :: err1
      real(dp) :: err2
      real(dp) :: err3
      real(dp) :: slope
      integer :: first
      integer :: i
      integer :: k
      integer :: new
      integer :: old

      calls = calls + 1
      error = oflow
      limit = e(n)
      old = n
      new = (old - 1)/2
      e(old + 2) = e(old)
      e(old) = oflow
      k = old
      do i = 1, new
         ! The rhombus: e0 above, e1 in the middle, e2 below, e3 to the left.
         candidate = e(k + 2)
         e0 = e(k - 2)
         e1 = e(k - 1)
         e2 = candidate
         err2 = abs(e2 - e1)
         err3 = abs(e1 - e0)
         if (err2 <= max(abs(e2), abs(e1))*eps .and. err3 <= max(abs(e1), abs(e0))*eps) then
            ! e0, e1 and e2 agree to the last digit: converged.
            limit = candidate
            error = max(err2 + err3, 5*eps*abs(limit))
            return
         end if
         e3 = e(k)
         e(k) = e1
         err1 = abs(e1 - e3)
         if (err1 <= max(abs(e1), abs(e3))*eps .or. err2 <= max(abs(e2), abs(e1))*eps &
            .or. err3 <= max(abs(e1), abs(e0))*eps) then
            n = 2*i - 1
            exit
         end if
         slope = 1/(e1 - e3) + 1/(e2 - e1) - 1/(e1 - e0)
         if (abs(slope*e1) <= 1.0e-4_dp) then
            ! Irregular behaviour: drop this part of the table.
            n = 2*i - 1
            exit
         end if
         candidate = e1 + 1/slope
         e(k) = candidate
         k = k - 2
         distance = err2 + abs(candidate - e2) + err3
         if (distance <= error) then
            error = distance
            limit = candidate
         end if
      end do

      if (n == longest) n = 2*(longest/2) - 1
      first = 1
      if (mod(old, 2) == 0) first = 2
      do i = first, first + 2*new, 2
         e(i) = e(i + 2)
      end do
      if (old /= n) then
         do i = 1, n
            e(i) = e(old - n + i)
         end do
      end if
      if (calls < 4) then
         past(calls) = limit
         error = oflow
      else
         error = abs(limit - past(3)) + abs(limit - past(2)) &
            + abs(limit - past(1))
         past(1:2) = past(2:3)
         past(3) = limit
      end if
      error = max(error, 5*eps*abs(limit))
   end subroutine extrapolate
end module ferrotran_quad_epsilon
