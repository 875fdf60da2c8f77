! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_vector
   !! Sums along columns that the compiler vectorises without reassociation.
   !!
   !! A sum is kept in `lanes` partial sums, element `i` in lane `mod(i - 1, lanes) + 1`, which
   !! are added pairwise: the same bits on every instruction set, and an error that grows with
   !! `n/lanes` instead of `n`. Columns are padded with zeros to whole blocks of `lanes`.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: lanes, dot, subtract, subtract_and_square, squares, take, norm, safe, power_of_two

   integer(c_ptrdiff_t), parameter :: lanes = 16 !! partial sums of a sum
   real(dp), parameter :: small = 1.0e-250_dp !! below it a sum of squares has lost digits
   real(dp), parameter :: large = 1.0e250_dp !! above it products of sums may overflow
contains
   pure function dot(blocks, x, y) result(s)
      !! The inner product of `x` and `y`.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: x(lanes, blocks) !! padded
      real(dp), intent(in) :: y(lanes, blocks) !! padded
      real(dp) :: s
      real(dp) :: part(lanes)
      integer(c_ptrdiff_t) :: i

      part = x(:, 1)*y(:, 1)
      do i = 2, blocks
         part = part + x(:, i)*y(:, i)
      end do
      s = total(part)
   end function dot

   pure subroutine subtract(blocks, w, v, y)
      !! Overwrite `y` with `y - w v`.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: w !! multiple
      real(dp), intent(in) :: v(lanes, blocks) !! padded
      real(dp), intent(inout) :: y(lanes, blocks) !! padded
      integer(c_ptrdiff_t) :: i

      do i = 1, blocks
         y(:, i) = y(:, i) - w*v(:, i)
      end do
   end subroutine subtract

   pure subroutine subtract_and_square(blocks, w, v, y, s)
      !! Overwrite `y` with `y - w v`, and sum the squares of the result.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: w !! multiple
      real(dp), intent(in) :: v(lanes, blocks) !! padded
      real(dp), intent(inout) :: y(lanes, blocks) !! padded
      real(dp), intent(out) :: s !! sum of squares
      real(dp) :: part(lanes)
      real(dp) :: t(lanes)
      integer(c_ptrdiff_t) :: i

      t = y(:, 1) - w*v(:, 1)
      y(:, 1) = t
      part = t*t
      do i = 2, blocks
         t = y(:, i) - w*v(:, i)
         y(:, i) = t
         part = part + t*t
      end do
      s = total(part)
   end subroutine subtract_and_square

   pure function squares(n, x) result(s)
      !! The sum of the squares of `x`, which need not be padded.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: s
      real(dp) :: part(lanes)
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: whole

      whole = n - mod(n, lanes)
      part = 0
      do i = 0, whole - lanes, lanes
         do j = 1, lanes
            part(j) = part(j) + x(i + j)*x(i + j)
         end do
      end do
      do j = 1, n - whole
         part(j) = part(j) + x(whole + j)*x(whole + j)
      end do
      s = total(part)
   end function squares

   pure subroutine take(m, blocks, x, y, s)
      !! Copy `x` into the padded `y`, and sum its squares.
      integer(c_ptrdiff_t), intent(in) :: m !! number of elements
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: x(m) !! vector
      real(dp), intent(out) :: y(lanes, blocks) !! the same with zeros behind it
      real(dp), intent(out) :: s !! sum of squares
      real(dp) :: part(lanes)
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: whole

      whole = m/lanes
      part = 0
      do i = 1, whole
         do j = 1, lanes
            y(j, i) = x((i - 1)*lanes + j)
            part(j) = part(j) + y(j, i)*y(j, i)
         end do
      end do
      if (whole < blocks) then
         do j = 1, m - whole*lanes
            y(j, blocks) = x(whole*lanes + j)
         end do
         do j = m - whole*lanes + 1, lanes
            y(j, blocks) = 0
         end do
         do j = 1, lanes
            part(j) = part(j) + y(j, blocks)*y(j, blocks)
         end do
      end if
      s = total(part)
   end subroutine take

   pure function total(part) result(s)
      !! The sum of the partial sums.
      real(dp), intent(in) :: part(lanes) !! partial sums
      real(dp) :: s
      real(dp) :: eight(8)
      real(dp) :: four(4)

      eight = part(1:8) + part(9:16)
      four = eight(1:4) + eight(5:8)
      s = (four(1) + four(3)) + (four(2) + four(4))
   end function total

   pure logical function safe(s)
      !! Whether a sum of squares is neither NaN nor near overflow or underflow.
      real(dp), intent(in) :: s !! sum of squares

      safe = s >= small .and. s <= large
   end function safe

   pure function norm(n, x) result(length)
      !! The Euclidean length of `x`, without overflow; NaN or infinite where `x` is.
      integer(c_ptrdiff_t), intent(in) :: n !! number of elements
      real(dp), intent(in) :: x(n) !! vector
      real(dp) :: length
      real(dp) :: s
      real(dp) :: scale
      integer(c_ptrdiff_t) :: i

      if (n < 2*lanes) then
         s = 0
         do i = 1, n
            s = s + x(i)*x(i)
         end do
      else
         s = squares(n, x)
      end if
      length = sqrt(s)
      if (safe(s) .or. s /= s) return
      scale = power_of_two(n, x)
      s = 0
      do i = 1, n
         s = s + (x(i)*scale)**2
      end do
      length = sqrt(s)/scale
   end function norm

   pure function power_of_two(n, x) result(scale)
      !! A power of two that brings the largest element of `x` near one; 1 when `x` is zero.
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
