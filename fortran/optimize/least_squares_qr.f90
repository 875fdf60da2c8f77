! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_qr
   !! QR with column pivoting by Householder reflections, applied to a right-hand side.
   !!
   !! Businger and Golub, *Numer. Math.* 7 (1965) 269, doi:10.1007/BF01436084. The update of a
   !! column sums the squares of what remains of it, so the pivot is chosen by the true norms.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_vector, only: dot, lanes, power_of_two, safe, subtract, &
      subtract_and_square, take
   implicit none (type, external)
   private
   public :: load, factor

contains
   pure subroutine load(m, n, ld, x, a, square, scale)
      !! Copy the columns of `x` into the padded `a`, those of extreme size scaled.
      integer(c_ptrdiff_t), intent(in) :: m !! rows
      integer(c_ptrdiff_t), intent(in) :: n !! columns
      integer(c_ptrdiff_t), intent(in) :: ld !! rows of `a`, whole blocks
      real(dp), intent(in) :: x(m, n) !! matrix
      real(dp), intent(out) :: a(ld, n) !! `x` with column `j` divided by `scale(j)`
      real(dp), intent(out) :: square(n) !! sums of squares of the columns of `a`
      real(dp), intent(out) :: scale(n) !! powers of two, mostly 1
      real(dp) :: up
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j

      do j = 1, n
         scale(j) = 1
         call take(m, ld/lanes, x(1, j), a(1, j), square(j))
         if (safe(square(j))) cycle
         up = power_of_two(m, x(1, j))
         if (up == 1) cycle
         scale(j) = 1/up
         do i = 1, m
            a(i, j) = x(i, j)*up
         end do
         square(j) = dot(ld/lanes, a(1, j), a(1, j))
      end do
   end subroutine load

   pure subroutine factor(n, ld, a, square, scale, r, q, pivot)
      !! Reduce the columns `1..n` of `a` to `R`, and column `n + 1` to the first `n` elements of
      !! `Q^T b`.
      integer(c_ptrdiff_t), intent(in) :: n !! columns, at most as many as rows
      integer(c_ptrdiff_t), intent(in) :: ld !! rows, padded with zeros to whole blocks
      real(dp), intent(inout) :: a(ld, n + 1) !! matrix and right-hand side; lost
      real(dp), intent(inout) :: square(n + 1) !! sums of squares of the columns; lost
      real(dp), intent(in) :: scale(n + 1) !! what the columns are to be multiplied by
      real(dp), intent(out) :: r(n, n) !! `R` in its upper triangle
      real(dp), intent(out) :: q(n) !! head of `Q^T b`
      integer(c_ptrdiff_t), intent(out) :: pivot(n) !! column `k` of `R` is that of `a(:, pivot(k))`
      real(dp) :: diagonal
      real(dp) :: h ! 2/(v^T v)
      real(dp) :: length
      real(dp) :: most
      real(dp) :: top
      real(dp) :: w
      integer(c_ptrdiff_t) :: at
      integer(c_ptrdiff_t) :: blocks
      integer(c_ptrdiff_t) :: c
      integer(c_ptrdiff_t) :: first ! row of the block that holds row `k`
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k
      integer(c_ptrdiff_t) :: p

      do k = 1, n
         pivot(k) = k
      end do
      do k = 1, n
         at = k
         most = -1
         do j = k, n
            length = scale(pivot(j))*sqrt(square(pivot(j)))
            if (length > most) then
               most = length
               at = j
            end if
         end do
         p = pivot(at)
         pivot(at) = pivot(k)
         pivot(k) = p
         if (at /= k) then
            do j = 1, k - 1
               top = r(j, k)
               r(j, k) = r(j, at)
               r(j, at) = top
            end do
         end if
         length = sqrt(square(p))
         if (length == 0) then
            ! Nothing remains of any column.
            r(k:, k:) = 0
            q(k:) = 0
            exit
         end if
         first = (k - 1)/lanes*lanes + 1
         blocks = (ld - first + 1)/lanes
         diagonal = a(k, p)
         r(k, k) = -sign(length, diagonal)
         h = 1/(length*(length + abs(diagonal)))
         diagonal = diagonal - r(k, k)
         a(k, p) = diagonal
         do j = k + 1, n
            c = pivot(j)
            w = h*dot(blocks, a(first, p), a(first, c))
            r(k, j) = a(k, c) - w*diagonal
            ! The update then leaves exactly zero, and rows above `k` need no care later.
            a(k, c) = w*diagonal
            call subtract_and_square(blocks, w, a(first, p), a(first, c), square(c))
         end do
         w = h*dot(blocks, a(first, p), a(first, n + 1))
         q(k) = a(k, n + 1) - w*diagonal
         if (k == n) exit
         a(k, n + 1) = w*diagonal
         call subtract(blocks, w, a(first, p), a(first, n + 1))
      end do
      do k = 1, n
         p = pivot(k)
         if (scale(p) /= 1) r(:k, k) = r(:k, k)*scale(p)
      end do
      if (scale(n + 1) /= 1) q = q*scale(n + 1)
   end subroutine factor
end module ferrotran_least_squares_qr
