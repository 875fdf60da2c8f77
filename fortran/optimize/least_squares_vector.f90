! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_vector
   !! Lengths of vectors, in sums that the compiler vectorises without reassociation.
   !!
   !! A sum is kept in `lanes` partial sums, element `i` in lane `mod(i - 1, lanes) + 1`, which
   !! are added pairwise: the same bits on every instruction set, and an error that grows with
   !! `n/lanes` instead of `n`.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: lanes, small, large, squares, norm, power_of_two

   integer(c_ptrdiff_t), parameter :: lanes = 16 !! partial sums of a sum
   real(dp), parameter :: small = 1.0e-250_dp !! below it a sum of squares has lost digits
   real(dp), parameter :: large = 1.0e250_dp !! above it products of sums may overflow
contains
   include 'least_squares_total.inc'

   pure function squares(n, x) result(s)
      !! The sum of the squares of `x`.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: s
      integer(c_ptrdiff_t) :: i

      if (n < 2*lanes) then
         s = 0
         do i = 1, n
            s = s + x(i)*x(i)
         end do
      else
         s = many_squares(n/lanes, x)
         do i = n - mod(n, lanes) + 1, n
            s = s + x(i)*x(i)
         end do
      end if
   end function squares

   pure function many_squares(blocks, x) result(s)
      !! The sum of the squares of whole blocks.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: x(lanes, blocks) !! vector
      real(dp) :: s
      real(dp) :: part(lanes)
      integer(c_ptrdiff_t) :: i

      part = x(:, 1)*x(:, 1)
      do i = 2, blocks
         part = part + x(:, i)*x(:, i)
      end do
      s = total(part)
   end function many_squares

   pure function norm(n, x) result(length)
      !! The Euclidean length of `x`, without overflow; NaN or infinite where `x` is.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: length
      real(dp) :: s

      s = squares(n, x)
      length = sqrt(s)
      if (.not. (s >= small .and. s <= large)) length = extreme_norm(n, x)
   end function norm

   pure function extreme_norm(n, x) result(length)
      !! The Euclidean length of a vector whose squares may overflow.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: length
      real(dp) :: scale
      integer(c_ptrdiff_t) :: i

      scale = power_of_two(n, x)
      length = 0
      do i = 1, n
         length = length + (x(i)*scale)**2
      end do
      length = sqrt(length)/scale
   end function extreme_norm

   pure function power_of_two(n, x) result(scale)
      !! A power of two that brings the largest element of `x` near one; 1 when that is zero,
      !! infinite or NaN.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: scale
      real(dp) :: largest
      integer(c_ptrdiff_t) :: i

      largest = 0
      do i = 1, n
         largest = max(largest, abs(x(i)))
      end do
      scale = 1
      if (largest > 0 .and. largest <= huge(largest)) then
         scale = 2.0_dp**max(-1000, min(1000, -exponent(largest)))
      end if
   end function power_of_two
end module ferrotran_least_squares_vector
