! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_quad_rules
   !! Gauss-Kronrod rules with an error estimate, on one or two neighbouring intervals.
   !!
   !! Finite ranges take the 21-point rule; infinite ones are mapped to (0, 1] by
   !! `x = bound + (1 - t)/t` and take the 15-point rule. Estimates as in Piessens,
   !! de Doncker-Kapenga, Ueberhuber and Kahaner, *QUADPACK*, Springer 1983, section 2.2.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: integrand, apply_rule
   public :: finite, from_below, to_above, whole_line
   public :: value_of, error_of, absolute_of, deviation_of
   public :: eps, oflow, uflow

   integer, parameter :: finite = 0 !! `[a, b]`
   integer, parameter :: to_above = 1 !! `[bound, infinity)`
   integer, parameter :: from_below = -1 !! `(-infinity, bound]`
   integer, parameter :: whole_line = 2 !! `(-infinity, infinity)`
   real(dp), parameter :: eps = epsilon(1.0_dp) !! spacing of the numbers at one
   real(dp), parameter :: oflow = huge(1.0_dp) !! largest number
   real(dp), parameter :: uflow = tiny(1.0_dp) !! smallest normal number
   integer, parameter :: most = 60 !! nodes of two intervals of the whole line

   include 'quad_table.inc'
   integer, parameter :: order21(10) = [2, 4, 6, 8, 10, 1, 3, 5, 7, 9]
   integer, parameter :: order15(7) = [1, 2, 3, 4, 5, 6, 7]
   ! What one rule says about one interval, by position.
   integer, parameter :: value_of = 1 !! the integral of f
   integer, parameter :: error_of = 2 !! estimate of the absolute error of that
   integer, parameter :: absolute_of = 3 !! the integral of |f|
   integer, parameter :: deviation_of = 4 !! the integral of |f - mean of f|

   abstract interface
      function integrand(ctx, n, x, y) bind(c) result(stop)
         !! Put the integrand at the nodes `x` into `y`; nonzero stops the kernel.
         import :: c_int, c_ptr, c_ptrdiff_t, dp
         implicit none (type, external)
         type(c_ptr), intent(in), value :: ctx !! the caller's own
         integer(c_ptrdiff_t), intent(in), value :: n !! number of nodes
         real(dp), intent(in) :: x(n) !! nodes
         real(dp), intent(out) :: y(n) !! values
         integer(c_int) :: stop
      end function integrand
   end interface
contains
   recursive subroutine apply_rule(f, ctx, kind, bound, count, edges, estimates, &
      evaluations, stop)
      !! Estimate the integrals over `count` neighbouring intervals by one call of `f`.
      procedure(integrand) :: f !! integrand
      type(c_ptr), intent(in) :: ctx !! handed to `f`
      integer, intent(in) :: kind !! `finite`, `to_above`, `from_below` or `whole_line`
      real(dp), intent(in) :: bound !! the finite end of a half line, zero for the whole
      integer, intent(in) :: count !! number of intervals, 1 or 2
      real(dp), intent(in) :: edges(count + 1) !! their ends, in t for an infinite range
      real(dp), intent(out) :: estimates(4, count) !! by position, for each interval
      integer(c_ptrdiff_t), intent(inout) :: evaluations !! grows by the number of nodes
      integer(c_int), intent(out) :: stop !! what `f` returned
      real(dp) :: x(most)
      real(dp) :: y(most)
      real(dp) :: t(15)
      integer(c_ptrdiff_t) :: n
      integer :: i
      integer :: size

      size = 21
      if (kind /= finite) size = 15
      if (kind == whole_line) size = 30
      do i = 1, count
         if (kind == finite) then
            call place(10, node21, edges(i), edges(i + 1), x((i - 1)*size + 1:))
         else
            call place(7, node15, edges(i), edges(i + 1), t)
            call map(kind, bound, t, x((i - 1)*size + 1:))
         end if
      end do
      n = int(count*size, c_ptrdiff_t)
      stop = f(ctx, n, x, y)
      if (stop /= 0) return
      evaluations = evaluations + n
      do i = 1, count
         if (kind == finite) then
            call estimate(10, order21, weight21, gauss10, 0.0_dp, edges(i), edges(i + 1), &
               y((i - 1)*size + 1:), estimates(:, i))
         else
            call place(7, node15, edges(i), edges(i + 1), t)
            call fold(kind, t, y((i - 1)*size + 1:))
            call estimate(7, order15, weight15, gauss7, gauss7(4), edges(i), edges(i + 1), &
               y((i - 1)*size + 1:), estimates(:, i))
         end if
      end do
   end subroutine apply_rule

   pure subroutine place(m, nodes, a, b, x)
      !! Put the `2 m + 1` nodes of `[a, b]` into `x`: left half, right half, centre.
      integer, intent(in) :: m !! nodes in each half
      real(dp), intent(in) :: nodes(m) !! positive nodes of the rule on [-1, 1]
      real(dp), intent(in) :: a !! left end
      real(dp), intent(in) :: b !! right end
      real(dp), intent(out) :: x(2*m + 1) !! nodes
      real(dp) :: centre
      real(dp) :: half
      integer :: j

      centre = 0.5_dp*a + 0.5_dp*b
      half = 0.5_dp*b - 0.5_dp*a
      do j = 1, m
         x(j) = centre - half*nodes(j)
         x(m + j) = centre + half*nodes(j)
      end do
      x(2*m + 1) = centre
   end subroutine place

   pure subroutine map(kind, bound, t, x)
      !! Map nodes of (0, 1] to the range; those of the other half line come second.
      integer, intent(in) :: kind !! kind of the range
      real(dp), intent(in) :: bound !! its finite end
      real(dp), intent(in) :: t(15) !! nodes in (0, 1]
      real(dp), intent(out) :: x(30) !! nodes in the range, 15 of them for a half line

      if (kind == from_below) then
         x(1:15) = bound - (1.0_dp - t)/t
      else
         x(1:15) = bound + (1.0_dp - t)/t
      end if
      if (kind == whole_line) x(16:30) = -x(1:15)
   end subroutine map

   pure subroutine fold(kind, t, y)
      !! Turn values of f into those of the integrand in t: `f(x(t))/t**2`.
      integer, intent(in) :: kind !! kind of the range
      real(dp), intent(in) :: t(15) !! nodes in (0, 1]
      real(dp), intent(inout) :: y(30) !! values, 15 of them for a half line

      if (kind == whole_line) y(1:15) = y(1:15) + y(16:30)
      y(1:15) = (y(1:15)/t)/t
   end subroutine fold

   pure subroutine estimate(m, order, weights, gauss_weights, gauss_centre, a, b, y, estimates)
      !! Estimate the integral and its error from the values at the nodes of `place`.
      integer, intent(in) :: m !! nodes in each half
      integer, intent(in) :: order(m) !! in which the nodes are summed: that of QUADPACK
      real(dp), intent(in) :: weights(m + 1) !! Kronrod weights
      real(dp), intent(in) :: gauss_weights(m/2) !! Gauss weights, of every second node
      real(dp), intent(in) :: gauss_centre !! Gauss weight of the centre, zero if it is none
      real(dp), intent(in) :: a !! left end
      real(dp), intent(in) :: b !! right end
      real(dp), intent(in) :: y(2*m + 1) !! values
      real(dp), intent(out) :: estimates(4) !! by position
      real(dp) :: absolute
      real(dp) :: deviation
      real(dp) :: error
      real(dp) :: gauss
      real(dp) :: half
      real(dp) :: kronrod
      real(dp) :: mean
      real(dp) :: ratio
      integer :: j
      integer :: k

      gauss = gauss_centre*y(2*m + 1)
      do j = 2, m, 2
         gauss = gauss + gauss_weights(j/2)*(y(j) + y(m + j))
      end do
      kronrod = weights(m + 1)*y(2*m + 1)
      absolute = abs(kronrod)
      do k = 1, m
         j = order(k)
         kronrod = kronrod + weights(j)*(y(j) + y(m + j))
         absolute = absolute + weights(j)*(abs(y(j)) + abs(y(m + j)))
      end do
      mean = 0.5_dp*kronrod
      deviation = weights(m + 1)*abs(y(2*m + 1) - mean)
      do j = 1, m
         deviation = deviation + weights(j)*(abs(y(j) - mean) + abs(y(m + j) - mean))
      end do
      half = 0.5_dp*b - 0.5_dp*a
      estimates(value_of) = kronrod*half
      estimates(absolute_of) = absolute*half
      estimates(deviation_of) = deviation*half
      error = abs((kronrod - gauss)*half)
      if (estimates(deviation_of) /= 0 .and. error /= 0) then
         ! (200 e/d)^1.5 d: the Kronrod sum is far better than its distance to the Gauss sum.
         ratio = 200*error/estimates(deviation_of)
         error = estimates(deviation_of)
         if (ratio < 1) error = error*(ratio*sqrt(ratio))
      end if
      if (estimates(absolute_of) > uflow/(50*eps)) then
         error = max(50*eps*estimates(absolute_of), error)
      end if
      estimates(error_of) = error
   end subroutine estimate
end module ferrotran_quad_rules
