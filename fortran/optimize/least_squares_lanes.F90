! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_lanes
   !! Levenberg-Marquardt for small problems side by side, one in each lane.
   !!
   !! The iteration is that of `ferrotran_least_squares_search`, More (1978), algorithm 7.1. It
   !! asks for sums over the points alone: the normal equations, whose triangle is that of the
   !! Jacobian with an error that grows with the square of its condition: A. Bjorck, *Numerical
   !! Methods for Least Squares Problems*, SIAM 1996, doi:10.1137/1.9781611971484, section 2.2.
   !! Where that, or a size far from one, would cost digits, the problem leaves its lane with
   !! `FT_ILL_CONDITIONED`, to be done from its start by QR.
   use, intrinsic :: iso_c_binding, only: c_int, ip => c_ptrdiff_t, wp => c_double
   use ferrotran_least_squares_covariance, only: covariance
   use ferrotran_least_squares_normal, only: damped_step, factor, forward, length, lanes, &
      FT_FIT_EMPTY, FT_FIT_FIRST, FT_FIT_FRESH, FT_FIT_MOST, FT_FIT_OWN, FT_FIT_RUNNING, &
      FT_FIT_SUMS
   use ferrotran_least_squares_vector, only: large, small
   use ferrotran_status, only: ft_ftol, ft_ftol_too_small, ft_gtol, ft_gtol_too_small, &
      ft_ill_conditioned, ft_max_evaluations, ft_ok, ft_xtol, ft_xtol_and_ftol, ft_xtol_too_small
   implicit none (type, external)
   private
   public :: ft_least_squares_lanes_f64

   ! What the search keeps of a problem.
   integer(ip), parameter :: radius = 1 !! of the trust region
   integer(ip), parameter :: damping = 2 !! that was used last
   integer(ip), parameter :: length_x = 3 !! of the parameters, scaled
   integer(ip), parameter :: length_s = 4 !! of the step, scaled
   integer(ip), parameter :: predicted = 5 !! decrease over the sum of squares
   integer(ip), parameter :: slope = 6 !! along the step, over the sum of squares
   integer(ip), parameter :: cosine = 7 !! largest between the residuals and a column

   real(wp), parameter :: acceptable = 1.0e-4_wp !! ratio of decreases that makes a step
   real(wp), parameter :: poor = 0.25_wp !! ratio up to which the radius shrinks
   real(wp), parameter :: good = 0.75_wp !! ratio from which it grows
   real(wp), parameter :: eps = epsilon(1.0_wp) !! spacing of the numbers at one
   ! The square of the sine between columns loses `m eps` over this: nine digits are left.
   real(wp), parameter :: flattest = 1.0e-6_wp !! the least that is accepted
contains
   include 'least_squares_at.inc'

   pure subroutine ft_least_squares_lanes_f64(n, x_scale, ftol, xtol, gtol, factor_x, max_nfev, &
      sums, best, point, x, d, own, phase, nfev, cov, status) bind(c)
      !! Judge the trial points of all lanes by their sums, and choose the next.
      integer(ip), intent(in), value :: n !! parameters, at most `FT_FIT_MOST`
      real(wp), intent(in), optional :: x_scale(n) !! typical sizes; else from the derivatives
      real(wp), intent(in), value :: ftol !! relative change of the sum of squares
      real(wp), intent(in), value :: xtol !! relative change of the parameters
      real(wp), intent(in), value :: gtol !! cosine between residuals and a column
      real(wp), intent(in), value :: factor_x !! first radius over `|D x|`
      integer(ip), intent(in), value :: max_nfev !! most evaluations
      real(wp), intent(in) :: sums(lanes, (n + 1)*(n + 2)/2) !! products of columns at `point`
      real(wp), intent(inout) :: best(lanes, (n + 1)*(n + 2)/2) !! the same at `x`
      real(wp), intent(inout) :: point(lanes, n) !! trial points, then the next
      real(wp), intent(inout) :: x(lanes, n) !! best parameters so far
      real(wp), intent(inout) :: d(lanes, n) !! scaling
      real(wp), intent(inout) :: own(lanes, FT_FIT_OWN) !! what the search keeps
      integer(ip), intent(inout) :: phase(lanes) !! of each problem
      integer(ip), intent(inout) :: nfev(lanes) !! evaluations
      real(wp), intent(inout) :: cov(n, n, lanes) !! of those that end: inverse of `J^T J`
      integer(c_int), intent(out) :: status(lanes) !! of those that end: the reason
      real(wp) :: accepted(lanes) ! 1: the trial point counts
      real(wp) :: actual(lanes)
      real(wp) :: g(lanes, FT_FIT_MOST)
      real(wp) :: inverse(lanes, FT_FIT_MOST)
      real(wp) :: least(lanes)
      real(wp) :: length_r(lanes)
      real(wp) :: none(lanes)
      real(wp) :: p(lanes, FT_FIT_MOST)
      real(wp) :: q(lanes, FT_FIT_MOST)
      real(wp) :: r(lanes, FT_FIT_SUMS)
      real(wp) :: ratio(lanes)
      logical :: sound(lanes)
      integer(ip) :: k
      integer(ip) :: l
      integer(ip) :: last

      last = at(n + 1, n + 1)
      status = ft_ok
      call judge(sums(:, last), best(:, last), own, phase, actual, ratio, accepted)
      nfev = nfev + 1
      ! Not `merge(sums, best, ...)`: gcc 12 makes zeros of that in the upper lanes of AVX2.
      do k = 1, last
         do l = 1, lanes
            if (accepted(l) > 0) best(l, k) = sums(l, k)
         end do
      end do
      do k = 1, n
         do l = 1, lanes
            if (accepted(l) > 0) x(l, k) = point(l, k)
            ! What a lane was left with may be NaN, which times 0 is NaN.
            if (phase(l) == FT_FIT_FRESH) d(l, k) = 1
         end do
         g(:, k) = best(:, at(k, n + 1))
      end do
      length_r = length(n, d, x)
      do l = 1, lanes
         if (phase(l) < FT_FIT_FIRST) cycle
         if (accepted(l) > 0) then
            own(l, length_x) = length_r(l)
            phase(l) = FT_FIT_RUNNING
         end if
         call test(l, ftol, xtol, actual(l), ratio(l), own, nfev(l) >= max_nfev, status(l))
      end do

      none = 0
      call factor(n, best, none, d, r, inverse, least)
      length_r = sqrt(best(:, last))
      sound = best(:, last) >= small .and. best(:, last) <= large .and. least >= flattest
      own(:, cosine) = 0
      do k = 1, n
         sound = sound .and. best(:, at(k, k)) >= small .and. best(:, at(k, k)) <= large
         own(:, cosine) = max(own(:, cosine), abs(g(:, k))/sqrt(best(:, at(k, k)))/length_r)
      end do
      do l = 1, lanes
         if (phase(l) == FT_FIT_EMPTY) cycle
         if (.not. sound(l)) then
            status(l) = ft_ill_conditioned
         else if (status(l) == ft_ok .and. accepted(l) > 0 .and. own(l, cosine) <= gtol) then
            status(l) = ft_gtol
         end if
         if (status(l) == ft_ok) cycle
         phase(l) = FT_FIT_EMPTY
         if (sound(l)) call invert(n, l, r, cov(:, :, l))
      end do
      if (all(phase == FT_FIT_EMPTY)) return

      call scale(n, best, x, x_scale, factor_x, phase, d, own)
      call forward(n, r, inverse, g, q)
      call damped_step(n, best, g, r, inverse, q, d, own(:, radius), phase == FT_FIT_EMPTY, &
         own(:, damping), p)
      do k = 1, n
         point(:, k) = x(:, k) - p(:, k)
      end do
      own(:, length_s) = length(n, d, p)
      call predict(n, r, p, length_r, own)
      own(:, radius) = merge(min(own(:, radius), own(:, length_s)), own(:, radius), &
         phase == FT_FIT_FIRST)
   end subroutine ft_least_squares_lanes_f64

   pure subroutine judge(trial, best, own, phase, actual, ratio, accepted)
      !! Compare what the steps did with what was predicted; fit the radius to that.
      real(wp), intent(in) :: trial(lanes) !! sums of squares at the trial points
      real(wp), intent(in) :: best(lanes) !! the least so far
      real(wp), intent(inout) :: own(lanes, FT_FIT_OWN) !! what the search keeps
      integer(ip), intent(in) :: phase(lanes) !! of each problem
      real(wp), intent(out) :: actual(lanes) !! decrease over the sum of squares
      real(wp), intent(out) :: ratio(lanes) !! of actual and predicted decrease
      real(wp), intent(out) :: accepted(lanes) !! 1: the trial point counts
      real(wp) :: shrink
      logical :: near
      integer(ip) :: l

      do l = 1, lanes
         near = 0.01_wp*trial(l) < best(l)
         actual(l) = -1
         if (near) actual(l) = 1 - trial(l)/best(l)
         ratio(l) = 0
         if (own(l, predicted) > 0) ratio(l) = actual(l)/own(l, predicted)
         accepted(l) = merge(1.0_wp, 0.0_wp, phase(l) == FT_FIT_FRESH .or. ratio(l) >= acceptable)
         if (ratio(l) <= poor) then
            shrink = 0.5_wp
            if (actual(l) < 0) shrink = 0.5_wp*own(l, slope)/(own(l, slope) + 0.5_wp*actual(l))
            if (.not. near) shrink = 0.1_wp
            shrink = max(shrink, 0.1_wp)
            own(l, radius) = shrink*min(own(l, radius), 10*own(l, length_s))
            own(l, damping) = own(l, damping)/shrink
         else if (own(l, damping) == 0 .or. ratio(l) >= good) then
            own(l, radius) = 2*own(l, length_s)
            own(l, damping) = 0.5_wp*own(l, damping)
         end if
      end do
   end subroutine judge

   pure subroutine test(l, ftol, xtol, actual, ratio, own, spent, status)
      !! See whether to stop.
      integer(ip), intent(in) :: l !! the lane
      real(wp), intent(in) :: ftol !! relative change of the sum of squares
      real(wp), intent(in) :: xtol !! relative change of the parameters
      real(wp), intent(in) :: actual !! decrease
      real(wp), intent(in) :: ratio !! of actual and predicted decrease
      real(wp), intent(in) :: own(lanes, FT_FIT_OWN) !! what the search keeps
      logical, intent(in) :: spent !! whether no evaluation is left
      integer(c_int), intent(inout) :: status !! `FT_OK`, or the reason
      logical :: flat

      ! Where roundoff is all that changes, the ratio says nothing.
      flat = abs(actual) <= ftol .and. own(l, predicted) <= ftol &
         .and. (ratio <= 2 .or. abs(actual) <= 10*eps)
      if (flat) status = ft_ftol
      if (own(l, radius) <= xtol*own(l, length_x)) status = merge(ft_xtol_and_ftol, ft_xtol, flat)
      if (status /= ft_ok) return
      if (spent) status = ft_max_evaluations
      if (max(abs(actual), own(l, predicted)) <= eps) status = ft_ftol_too_small
      if (own(l, radius) <= eps*own(l, length_x)) status = ft_xtol_too_small
      if (own(l, cosine) <= eps) status = ft_gtol_too_small
   end subroutine test

   pure subroutine scale(n, best, x, x_scale, factor_x, phase, d, own)
      !! Scale the parameters by their typical sizes, or by the longest columns so far.
      integer(ip), intent(in) :: n !! parameters
      real(wp), intent(in) :: best(lanes, (n + 1)*(n + 2)/2) !! products of columns
      real(wp), intent(in) :: x(lanes, n) !! parameters
      real(wp), intent(in), optional :: x_scale(n) !! typical sizes
      real(wp), intent(in) :: factor_x !! first radius over `|D x|`
      integer(ip), intent(inout) :: phase(lanes) !! of each problem
      real(wp), intent(inout) :: d(lanes, n) !! scaling
      real(wp), intent(inout) :: own(lanes, FT_FIT_OWN) !! what the search keeps
      real(wp) :: norm(lanes)
      integer(ip) :: k

      do k = 1, n
         if (present(x_scale)) then
            d(:, k) = 1/x_scale(k)
         else
            d(:, k) = max(merge(0.0_wp, d(:, k), phase == FT_FIT_FRESH), sqrt(best(:, at(k, k))))
         end if
      end do
      if (.not. any(phase == FT_FIT_FRESH)) return
      norm = length(n, d, x)
      own(:, length_x) = merge(norm, own(:, length_x), phase == FT_FIT_FRESH)
      norm = factor_x*merge(norm, 1.0_wp, norm > 0)
      own(:, radius) = merge(norm, own(:, radius), phase == FT_FIT_FRESH)
      own(:, damping) = merge(0.0_wp, own(:, damping), phase == FT_FIT_FRESH)
      phase = merge(FT_FIT_FIRST, phase, phase == FT_FIT_FRESH)
   end subroutine scale

   pure subroutine predict(n, r, p, length_r, own)
      !! What the steps do to the sum of squares if the model is linear.
      integer(ip), intent(in) :: n !! parameters
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles
      real(wp), intent(in) :: p(lanes, n) !! steps
      real(wp), intent(in) :: length_r(lanes) !! of the residuals
      real(wp), intent(inout) :: own(lanes, FT_FIT_OWN) !! what the search keeps
      real(wp) :: damped(lanes)
      real(wp) :: s(lanes)
      real(wp) :: image(lanes)
      integer(ip) :: j
      integer(ip) :: k

      image = 0
      do j = 1, n
         s = 0
         do k = j, n
            s = s + r(:, at(j, k))*p(:, k)
         end do
         image = image + s*s
      end do
      image = image/(length_r*length_r)
      damped = own(:, damping)*(own(:, length_s)/length_r)**2
      own(:, slope) = -(image + damped)
      own(:, predicted) = image + 2*damped
   end subroutine predict

   pure subroutine invert(n, l, r, cov)
      !! The inverse of `J^T J`.
      integer(ip), intent(in) :: n !! parameters
      integer(ip), intent(in) :: l !! the lane
      real(wp), intent(in) :: r(lanes, n*(n + 1)/2) !! triangles
      real(wp), intent(out) :: cov(n, n) !! the inverse
      real(wp) :: triangle(FT_FIT_MOST*FT_FIT_MOST)
      real(wp) :: work(FT_FIT_MOST*FT_FIT_MOST)
      integer(ip) :: order(FT_FIT_MOST)
      integer(ip) :: j
      integer(ip) :: k

      do k = 1, n
         order(k) = k
         do j = 1, k
            triangle(j + (k - 1)*n) = r(l, at(j, k))
         end do
      end do
      call covariance(n, triangle, order, work, cov)
   end subroutine invert
end module ferrotran_least_squares_lanes
