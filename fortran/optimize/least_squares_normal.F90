! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_normal
   !! Steps of Levenberg and Marquardt from normal equations, for problems side by side.
   !!
   !! The lane is the first index of every array; nothing is summed across lanes. Triangles and
   !! symmetric matrices are packed by columns: element `(j, k)`, `j <= k`, at `at(j, k)`.
   use, intrinsic :: iso_c_binding, only: ip => c_ptrdiff_t, wp => c_double
   implicit none (type, external)
   private
   public :: lanes, factor, forward, back, damped_step, length

#define FT_FIT(name, value, text) integer(ip), parameter, public :: name = value
#include "ferrotran_fit.def"
   integer(ip), parameter :: lanes = FT_FIT_LANES !! problems side by side

   real(wp), parameter :: close = 0.1_wp !! relative miss of the radius that is good enough
   integer, parameter :: most = 10 !! trial values of the damping
contains
   include 'least_squares_at.inc'

   pure subroutine factor(n, a, damping, d, r, inverse, least)
      !! The triangle `R` of `A + damping D^2 = R^T R`, after Cholesky.
      integer(ip), intent(in) :: n !! order
      real(wp), intent(in) :: a(lanes, *) !! symmetric matrices `A`
      real(wp), intent(in) :: damping(lanes) !! multiples of `D^2`
      real(wp), intent(in) :: d(lanes, n) !! diagonals of `D`
      real(wp), intent(out) :: r(lanes, n*(n + 1)/2) !! triangles, NaN where there is none
      real(wp), intent(out) :: inverse(lanes, n) !! of their diagonals
      real(wp), intent(out) :: least(lanes) !! of the squares of the sines between the columns
      real(wp) :: s(lanes)
      real(wp) :: whole(lanes)
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k

      least = 1
      do k = 1, n
         do j = 1, k - 1
            s = a(:, at(j, k))
            do i = 1, j - 1
               s = s - r(:, at(i, j))*r(:, at(i, k))
            end do
            r(:, at(j, k)) = s*inverse(:, j)
         end do
         whole = a(:, at(k, k)) + damping*(d(:, k)*d(:, k))
         s = whole
         do i = 1, k - 1
            s = s - r(:, at(i, k))*r(:, at(i, k))
         end do
         least = min(least, s/whole)
         r(:, at(k, k)) = sqrt(s)
         inverse(:, k) = 1/r(:, at(k, k))
      end do
   end subroutine factor

   pure subroutine forward(n, r, inverse, b, x)
      !! Solve `R^T x = b`.
      integer(ip), intent(in) :: n !! order
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles
      real(wp), intent(in) :: inverse(lanes, n) !! of their diagonals
      real(wp), intent(in) :: b(lanes, n) !! right-hand sides
      real(wp), intent(out) :: x(lanes, n) !! solutions
      real(wp) :: s(lanes)
      integer(ip) :: i
      integer(ip) :: k

      do k = 1, n
         s = b(:, k)
         do i = 1, k - 1
            s = s - r(:, at(i, k))*x(:, i)
         end do
         x(:, k) = s*inverse(:, k)
      end do
   end subroutine forward

   pure subroutine back(n, r, inverse, b, x)
      !! Solve `R x = b`.
      integer(ip), intent(in) :: n !! order
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles
      real(wp), intent(in) :: inverse(lanes, n) !! of their diagonals
      real(wp), intent(in) :: b(lanes, n) !! right-hand sides
      real(wp), intent(out) :: x(lanes, n) !! solutions
      real(wp) :: s(lanes)
      integer(ip) :: i
      integer(ip) :: k

      do k = n, 1, -1
         s = b(:, k)
         do i = k + 1, n
            s = s - r(:, at(k, i))*x(:, i)
         end do
         x(:, k) = s*inverse(:, k)
      end do
   end subroutine back

   pure function length(n, d, x) result(norm)
      !! The lengths of `D x`.
      integer(ip), intent(in) :: n !! order
      real(wp), intent(in) :: d(lanes, n) !! diagonals of `D`
      real(wp), intent(in) :: x(lanes, n) !! vectors
      real(wp) :: norm(lanes)
      integer(ip) :: k

      norm = 0
      do k = 1, n
         norm = norm + (d(:, k)*x(:, k))*(d(:, k)*x(:, k))
      end do
      norm = sqrt(norm)
   end function length

   pure function descent(n, r, inverse, d, p, norm) result(slope)
      !! How fast the lengths of `D p` fall as the damping grows, over those lengths.
      integer(ip), intent(in) :: n !! order
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles of the problems that gave `p`
      real(wp), intent(in) :: inverse(lanes, n) !! of their diagonals
      real(wp), intent(in) :: d(lanes, n) !! diagonals of `D`
      real(wp), intent(in) :: p(lanes, n) !! steps
      real(wp), intent(in) :: norm(lanes) !! lengths of `D p`
      real(wp) :: slope(lanes)
      real(wp) :: v(lanes, FT_FIT_MOST)
      real(wp) :: w(lanes, FT_FIT_MOST)
      integer(ip) :: k

      do k = 1, n
         w(:, k) = d(:, k)*(d(:, k)*p(:, k)/norm)
      end do
      call forward(n, r, inverse, w, v)
      slope = 0
      do k = 1, n
         slope = slope + v(:, k)*v(:, k)
      end do
   end function descent

   pure subroutine damped_step(n, a, g, r, inverse, q, d, radius, idle, damping, p)
      !! Minimise the linear model subject to `|D p| <= radius`, nearly: the same search for the
      !! damping as in `ferrotran_least_squares_step`, More (1978), section 5.
      integer(ip), intent(in) :: n !! order, at most `FT_FIT_MOST`
      real(wp), intent(in) :: a(lanes, *) !! normal matrices
      real(wp), intent(in) :: g(lanes, n) !! gradients
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles of `a`
      real(wp), intent(in) :: inverse(lanes, n) !! of their diagonals
      real(wp), intent(in) :: q(lanes, n) !! solutions of `R^T q = g`
      real(wp), intent(in) :: d(lanes, n) !! scaling, positive
      real(wp), intent(in) :: radius(lanes) !! of the trust regions
      logical, intent(in) :: idle(lanes) !! lanes that do not count
      real(wp), intent(inout) :: damping(lanes) !! first guess, and the one that was used
      real(wp), intent(out) :: p(lanes, n) !! the steps against `g`
      real(wp) :: high(lanes)
      real(wp) :: inverse_u(lanes, FT_FIT_MOST)
      real(wp) :: last(lanes)
      real(wp) :: least(lanes)
      real(wp) :: low(lanes)
      real(wp) :: miss(lanes)
      real(wp) :: norm(lanes)
      real(wp) :: slope(lanes)
      real(wp) :: try(lanes)
      real(wp) :: u(lanes, FT_FIT_SUMS)
      real(wp) :: v(lanes, FT_FIT_MOST)
      real(wp) :: w(lanes, FT_FIT_MOST)
      logical :: done(lanes)
      logical :: inside(lanes)
      integer(ip) :: k
      integer :: trial

      call back(n, r, inverse, q, p)
      norm = length(n, d, p)
      miss = norm - radius
      inside = idle .or. miss <= close*radius
      if (all(inside)) then
         damping = 0
         return
      end if

      low = miss/radius/descent(n, r, inverse, d, p, norm)
      slope = 0
      do k = 1, n
         slope = slope + (g(:, k)/d(:, k))*(g(:, k)/d(:, k))
      end do
      slope = sqrt(slope)
      high = slope/radius
      high = merge(tiny(high)/min(radius, 0.1_wp), high, high == 0)
      try = min(max(damping, low), high)
      try = merge(slope/norm, try, try == 0)
      done = inside
      do trial = 1, most
         try = merge(max(tiny(try), 0.001_wp*high), try, try == 0)
         call factor(n, a, try, d, u, inverse_u, least)
         call forward(n, u, inverse_u, g, v)
         call back(n, u, inverse_u, v, w)
         do k = 1, n
            p(:, k) = merge(p(:, k), w(:, k), done)
         end do
         damping = merge(damping, try, done)
         last = miss
         norm = length(n, d, w)
         miss = norm - radius
         done = done .or. abs(miss) <= close*radius &
            .or. (low == 0 .and. miss <= last .and. last < 0)
         if (all(done)) exit
         slope = descent(n, u, inverse_u, d, w, norm)
         low = merge(max(low, try), low, miss > 0)
         high = merge(min(high, try), high, miss < 0)
         try = max(low, try + miss/radius/slope)
      end do
      damping = merge(0.0_wp, damping, inside)
   end subroutine damped_step
end module ferrotran_least_squares_normal
