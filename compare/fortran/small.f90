! SPDX-License-Identifier: MIT OR Apache-2.0
module compare_small
   !! A reduction, a stream and a branchy loop.
   use, intrinsic :: iso_c_binding, only: c_int64_t, sz => c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: cmp_neumaier_fortran, cmp_triad_fortran, cmp_collatz_part_fortran

contains

   pure subroutine cmp_neumaier_fortran(n, x, result) bind(c)
      !! Compensated sum: Neumaier 1974, doi:10.1002/zamm.19740540106.
      integer(sz), intent(in), value :: n !! number of terms
      real(dp), intent(in) :: x(n) !! the terms
      real(dp), intent(out) :: result(2) !! the plain sum, its correction

      real(dp) :: after
      real(dp) :: lost
      real(dp) :: total
      integer(sz) :: i

      total = 0
      lost = 0
      do i = 1, n
         after = total + x(i)
         if (abs(total) >= abs(x(i))) then
            lost = lost + ((total - after) + x(i))
         else
            lost = lost + ((x(i) - after) + total)
         end if
         total = after
      end do
      result = [total, lost]
   end subroutine cmp_neumaier_fortran

   pure subroutine cmp_triad_fortran(n, s, b, c, a) bind(c)
      !! a = b + s c.
      integer(sz), intent(in), value :: n !! number of elements
      real(dp), intent(in), value :: s !! the factor
      real(dp), intent(in) :: b(n) !! first operand
      real(dp), intent(in) :: c(n) !! second operand
      real(dp), intent(out) :: a(n) !! the result

      a = b + s*c
   end subroutine cmp_triad_fortran

   pure subroutine cmp_collatz_part_fortran(first, count, result) bind(c)
      !! The longest Collatz chain from a range of starts.
      integer(c_int64_t), intent(in), value :: first !! first start, at least 1
      integer(c_int64_t), intent(in), value :: count !! number of starts
      integer(c_int64_t), intent(out) :: result(2) !! the start, the number of terms

      integer(c_int64_t) :: k
      integer(c_int64_t) :: start
      integer(c_int64_t) :: terms

      result = 0
      do start = first, first + count - 1
         terms = 1
         k = start
         do while (k /= 1)
            if (modulo(k, 2_c_int64_t) == 0) then
               k = k/2
            else
               k = 3*k + 1
            end if
            terms = terms + 1
         end do
         if (terms > result(2)) result = [start, terms]
      end do
   end subroutine cmp_collatz_part_fortran

end module compare_small
