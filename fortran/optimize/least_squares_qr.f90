! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_qr
   !! QR with column pivoting by Householder reflections, applied to a right-hand side.
   !!
   !! Businger and Golub, *Numer. Math.* 7 (1965) 269, doi:10.1007/BF01436084. The update of a
   !! column sums the squares of what remains of it, so the pivot is chosen by the true norms.
   !! Columns are padded with zeros to whole blocks, and what is done with is set to zero, so
   !! that all loops run over whole blocks.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_vector, only: lanes, large, power_of_two, small
   implicit none (type, external)
   private
   public :: load, factor
contains
   include 'least_squares_total.inc'

   pure subroutine load(m, n, ld, x, a, square, unit)
      !! Copy the columns of `x` into the padded `a`, those of extreme size scaled.
      integer(c_ptrdiff_t), intent(in) :: m !! rows
      integer(c_ptrdiff_t), intent(in) :: n !! columns
      integer(c_ptrdiff_t), intent(in) :: ld !! rows of `a`, whole blocks
      real(dp), intent(in) :: x(m, n) !! matrix
      real(dp), intent(out) :: a(ld, n) !! `x` with column `j` divided by `unit(j)`
      real(dp), intent(out) :: square(n) !! sums of squares of the columns of `a`
      real(dp), intent(out) :: unit(n) !! powers of two, mostly 1
      integer(c_ptrdiff_t) :: j

      do j = 1, n
         unit(j) = 1
         call take(m, ld/lanes, x(1, j), a(1, j), square(j))
         if (.not. (square(j) >= small .and. square(j) <= large)) then
            unit(j) = 1/power_of_two(m, x(1, j))
            a(:m, j) = x(:, j)/unit(j)
            square(j) = dot(ld/lanes, a(1, j), a(1, j))
         end if
      end do
   end subroutine load

   pure subroutine factor(n, ld, a, square, unit, r, q, pivot)
      !! Reduce the columns `1..n` of `a` to `R`, and column `n + 1` to the first `n` elements of
      !! `Q^T b`.
      integer(c_ptrdiff_t), intent(in) :: n !! columns, at most as many as rows
      integer(c_ptrdiff_t), intent(in) :: ld !! rows, whole blocks
      real(dp), intent(inout) :: a(ld, n + 1) !! matrix and right-hand side; lost
      real(dp), intent(inout) :: square(n + 1) !! sums of squares of the columns; lost
      real(dp), intent(in) :: unit(n + 1) !! what the columns are to be multiplied by
      real(dp), intent(out) :: r(n, n) !! `R` in its upper triangle
      real(dp), intent(out) :: q(n) !! head of `Q^T b`
      integer(c_ptrdiff_t), intent(out) :: pivot(n) !! column `k` of `R` is that of `a(:, pivot(k))`
      real(dp) :: diagonal
      real(dp) :: h ! 2/(v^T v)
      real(dp) :: length
      real(dp) :: w
      integer(c_ptrdiff_t) :: blocks
      integer(c_ptrdiff_t) :: c
      integer(c_ptrdiff_t) :: first ! row of the block that holds row `k`
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k
      integer(c_ptrdiff_t) :: p
      logical :: plain

      plain = .true.
      do k = 1, n
         pivot(k) = k
         plain = plain .and. unit(k) == 1
      end do
      do k = 1, n
         call choose(n, k, plain, square, unit, r, pivot)
         p = pivot(k)
         length = sqrt(square(p))
         if (length == 0) then
            ! Nothing remains of any column.
            r(k:, k:) = 0
            q(k:) = 0
            exit
         end if
         first = (k - 1)/lanes*lanes + 1
         blocks = (ld - first + 1)/lanes
         diagonal = -sign(length, a(k, p))
         r(k, k) = diagonal
         ! The reflection's vector v is the column less `diagonal` in row `k`.
         h = 1/(length*(length + abs(a(k, p))))
         do j = k + 1, n
            c = pivot(j)
            r(k, j) = h*(dot(blocks, a(first, p), a(first, c)) - diagonal*a(k, c))
         end do
         w = h*(dot(blocks, a(first, p), a(first, n + 1)) - diagonal*a(k, n + 1))
         diagonal = a(k, p) - diagonal
         q(k) = a(k, n + 1) - w*diagonal
         if (k == n) exit
         call subtract(blocks, w, a(first, p), a(first, n + 1))
         a(k, n + 1) = 0
         do j = k + 1, n
            c = pivot(j)
            w = r(k, j)
            r(k, j) = a(k, c) - w*diagonal
            call subtract_and_square(blocks, k - first + 1, w, a(first, p), a(first, c), square(c))
         end do
      end do
      if (.not. plain) then
         do k = 1, n
            r(:k, k) = r(:k, k)*unit(pivot(k))
         end do
      end if
      if (unit(n + 1) /= 1) q = q*unit(n + 1)
   end subroutine factor

   pure subroutine choose(n, k, plain, square, unit, r, pivot)
      !! Make the longest of the columns from `k` on the next.
      integer(c_ptrdiff_t), intent(in) :: n !! columns
      integer(c_ptrdiff_t), intent(in) :: k !! next column
      logical, intent(in) :: plain !! whether all units are 1
      real(dp), intent(in) :: square(n) !! sums of squares of what remains of the columns
      real(dp), intent(in) :: unit(n) !! what the columns are to be multiplied by
      real(dp), intent(inout) :: r(n, n) !! the columns above row `k`
      integer(c_ptrdiff_t), intent(inout) :: pivot(n) !! order of the columns
      real(dp) :: length
      real(dp) :: most
      real(dp) :: t
      integer(c_ptrdiff_t) :: at
      integer(c_ptrdiff_t) :: j

      at = k
      most = -1
      do j = k, n
         length = square(pivot(j))
         if (.not. plain) length = unit(pivot(j))*sqrt(length)
         if (length > most) then
            most = length
            at = j
         end if
      end do
      if (at == k) return
      j = pivot(at)
      pivot(at) = pivot(k)
      pivot(k) = j
      do j = 1, k - 1
         t = r(j, k)
         r(j, k) = r(j, at)
         r(j, at) = t
      end do
   end subroutine choose

   pure subroutine take(m, blocks, x, y, s)
      !! Copy `x` into the padded `y`, and sum its squares.
      integer(c_ptrdiff_t), intent(in) :: m !! number of elements
      integer(c_ptrdiff_t), intent(in) :: blocks !! of `y`
      real(dp), intent(in) :: x(m) !! vector
      real(dp), intent(out) :: y(lanes*blocks) !! the same with zeros behind it
      real(dp), intent(out) :: s !! sum of squares

      if (m < lanes*blocks) then
         y(:m) = x
         y(m + 1:) = 0
         s = dot(blocks, y, y)
      else
         call take_blocks(blocks, x, y, s)
      end if
   end subroutine take

   pure subroutine take_blocks(blocks, x, y, s)
      !! Copy whole blocks, and sum their squares.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: x(lanes, blocks) !! vector
      real(dp), intent(out) :: y(lanes, blocks) !! the same
      real(dp), intent(out) :: s !! sum of squares
      real(dp) :: part(lanes)
      integer(c_ptrdiff_t) :: i

      y(:, 1) = x(:, 1)
      part = x(:, 1)*x(:, 1)
      do i = 2, blocks
         y(:, i) = x(:, i)
         part = part + x(:, i)*x(:, i)
      end do
      s = total(part)
   end subroutine take_blocks

   pure function dot(blocks, x, y) result(s)
      !! The inner product of `x` and `y`.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      real(dp), intent(in) :: x(lanes, blocks) !! vector
      real(dp), intent(in) :: y(lanes, blocks) !! vector
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
      real(dp), intent(in) :: v(lanes, blocks) !! vector
      real(dp), intent(inout) :: y(lanes, blocks) !! vector
      integer(c_ptrdiff_t) :: i

      do i = 1, blocks
         y(:, i) = y(:, i) - w*v(:, i)
      end do
   end subroutine subtract

   pure subroutine subtract_and_square(blocks, done, w, v, y, s)
      !! Overwrite `y` with `y - w v`, but for its first `done` elements, which become zero; sum
      !! the squares of the result.
      integer(c_ptrdiff_t), intent(in) :: blocks !! at least 1
      integer(c_ptrdiff_t), intent(in) :: done !! elements, at most `lanes`
      real(dp), intent(in) :: w !! multiple
      real(dp), intent(in) :: v(lanes, blocks) !! vector
      real(dp), intent(inout) :: y(lanes, blocks) !! vector
      real(dp), intent(out) :: s !! sum of squares
      real(dp) :: part(lanes)
      real(dp) :: t(lanes)
      integer(c_ptrdiff_t) :: i

      do i = 1, lanes
         t(i) = merge(y(i, 1) - w*v(i, 1), 0.0_dp, i > done)
      end do
      y(:, 1) = t
      part = t*t
      do i = 2, blocks
         t = y(:, i) - w*v(:, i)
         y(:, i) = t
         part = part + t*t
      end do
      s = total(part)
   end subroutine subtract_and_square
end module ferrotran_least_squares_qr
