! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_x8_control
   !! First steps, differences and the choice of the next step for 8 members side by side.
   !!
   !! Each lane has the operations of `ferrotran_radau5_control` and `ferrotran_radau5_matrix` in
   !! their order, thus their bits.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_control, only: fastest, keep, least_error, safety, slowest
   use ferrotran_radau5_newton, only: most, quick
   use ferrotran_radau5_state, only: eps, field, ft_radau5_accepted, ft_radau5_evaluations, &
      ft_radau5_jacobian, ft_radau5_last_error, ft_radau5_last_step, ft_radau5_max_step, &
      ft_radau5_next_step, ft_radau5_not_finite, ft_radau5_outcome, ft_radau5_rate, &
      ft_radau5_reals, ft_radau5_rejected, ft_radau5_rejected_steps, ft_radau5_repeated, &
      ft_radau5_steps, ft_radau5_t, ft_radau5_t_end, ft_radau5_tallies, ft_radau5_theta, largest
   use ferrotran_radau5_x8_matrix, only: lanes
   implicit none (type, external)
   private
   public :: begin, differences, finite, growth_of, next_steps, norm_of, reject
contains
   recursive subroutine begin(f, ctx, n, npar, p, rtol, atol, lane, tally, y, slope, tolerance, &
      moved, other, stop)
      !! Evaluate the derivatives of the fresh members and choose their first steps.
      procedure(field) :: f !! right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(lanes, npar) !! parameters
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(inout) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      integer(ip), intent(inout) :: tally(lanes, 0:ft_radau5_tallies - 1) !! whole numbers of them
      real(dp), intent(in) :: y(lanes, n) !! states
      real(dp), intent(inout) :: slope(lanes, n) !! derivatives
      real(dp), intent(inout) :: tolerance(lanes, n) !! reciprocal tolerances
      real(dp), intent(inout) :: moved(lanes, n) !! scratch
      real(dp), intent(inout) :: other(lanes, n) !! scratch
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: at(lanes)
      real(dp) :: d(lanes, 3)
      real(dp) :: h
      real(dp) :: h0(lanes)
      real(dp) :: way(lanes)
      integer(ip) :: fresh(lanes)
      integer(ip) :: good(lanes)
      integer(ip) :: i
      integer(ip) :: l
      integer(ip) :: open(lanes) ! fresh, without a given step

      fresh = merge(1_ip, 0_ip, tally(:, ft_radau5_steps) == 0)
      stop = f(ctx, lanes, n, lane(:, ft_radau5_t), y, other, p)
      if (stop /= 0) return
      call finite(n, y, good)
      call finite(n, other, open)
      do l = 1, lanes
         if (fresh(l) == 0) cycle
         tally(l, ft_radau5_evaluations) = 1
         tally(l, ft_radau5_outcome) = ft_radau5_accepted
         tally(l, ft_radau5_steps) = 1
         lane(l, ft_radau5_rate) = 1
         if (good(l)*open(l) == 0) then
            tally(l, ft_radau5_outcome) = ft_radau5_not_finite
            fresh(l) = 0
         end if
      end do
      do i = 1, n
         do l = 1, lanes
            if (fresh(l) == 0) cycle
            slope(l, i) = other(l, i)
            tolerance(l, i) = 1/max(atol(i) + rtol*abs(y(l, i)), tiny(1.0_dp))
         end do
      end do

      way = lane(:, ft_radau5_t_end) - lane(:, ft_radau5_t)
      open = merge(fresh, 0_ip, lane(:, ft_radau5_next_step) == 0)
      at = lane(:, ft_radau5_t)
      moved = y
      if (sum(open) > 0) then
         call norm_of(n, y, tolerance, d(:, 1))
         call norm_of(n, slope, tolerance, d(:, 2))
         do l = 1, lanes
            if (open(l) == 0) cycle
            h0(l) = 1.0e-6_dp
            if (d(l, 1) >= 1.0e-5_dp .and. d(l, 2) >= 1.0e-5_dp) h0(l) = 0.01_dp*(d(l, 1)/d(l, 2))
            h0(l) = min(h0(l), abs(way(l)), lane(l, ft_radau5_max_step))
            do i = 1, n
               moved(l, i) = y(l, i) + sign(h0(l), way(l))*slope(l, i)
            end do
            at(l) = lane(l, ft_radau5_t) + sign(h0(l), way(l))
         end do
         stop = f(ctx, lanes, n, at, moved, other, p)
         if (stop /= 0) return
         do i = 1, n
            do l = 1, lanes
               other(l, i) = other(l, i) - slope(l, i)
            end do
         end do
         call norm_of(n, other, tolerance, d(:, 3))
      end if
      do l = 1, lanes
         if (fresh(l) == 0) cycle
         h = abs(lane(l, ft_radau5_next_step))
         if (open(l) == 1) then
            tally(l, ft_radau5_evaluations) = 2
            d(l, 3) = d(l, 3)/h0(l)
            h = max(1.0e-6_dp, h0(l)*1.0e-3_dp)
            if (max(d(l, 2), d(l, 3)) > 1.0e-15_dp) h = sqrt(sqrt(0.01_dp/max(d(l, 2), d(l, 3))))
            h = min(100*h0(l), h)
            if (.not. d(l, 3) <= largest) h = 0.01_dp*h0(l)
         end if
         lane(l, ft_radau5_next_step) = sign(min(h, lane(l, ft_radau5_max_step), abs(way(l))), &
            way(l))
      end do
   end subroutine begin

   pure subroutine norm_of(n, x, tolerance, norm)
      !! Root mean squares of `x` in tolerances.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: x(lanes, n) !! numbers
      real(dp), intent(in) :: tolerance(lanes, n) !! reciprocal tolerances
      real(dp), intent(out) :: norm(lanes) !! means
      integer(ip) :: i
      integer(ip) :: l

      norm = 0
      do i = 1, n
         do l = 1, lanes
            norm(l) = norm(l) + (x(l, i)*tolerance(l, i))**2
         end do
      end do
      do l = 1, lanes
         norm(l) = sqrt(norm(l)/max(n, 1_ip))
      end do
   end subroutine norm_of

   pure subroutine finite(n, x, good)
      !! Mark the lanes in which all numbers are finite.
      integer(ip), intent(in) :: n !! how many
      real(dp), intent(in) :: x(lanes, n) !! numbers
      integer(ip), intent(out) :: good(lanes) !! 1: they are
      integer(ip) :: i
      integer(ip) :: l

      good = 1
      do i = 1, n
         do l = 1, lanes
            good(l) = merge(good(l), 0_ip, abs(x(l, i)) <= largest)
         end do
      end do
   end subroutine finite

   recursive subroutine differences(f, ctx, n, npar, p, wanted, t, y, f0, step, tolerance, moved, &
      slope, jac, evaluations, stop)
      !! Approximate the Jacobians of the wanted lanes by forward differences.
      procedure(field) :: f !! the right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(lanes, npar) !! parameters
      integer(ip), intent(in) :: wanted(lanes) !! 1: to be done
      real(dp), intent(in) :: t(lanes) !! times
      real(dp), intent(in) :: y(lanes, n) !! states
      real(dp), intent(in) :: f0(lanes, n) !! derivatives there
      real(dp), intent(in) :: step(lanes) !! the steps to come
      real(dp), intent(in) :: tolerance(lanes, n) !! reciprocal tolerances
      real(dp), intent(out) :: moved(lanes, n) !! scratch
      real(dp), intent(out) :: slope(lanes, n) !! scratch
      real(dp), intent(inout) :: jac(lanes, n, n) !! Jacobians, row by row
      integer(ip), intent(inout) :: evaluations(lanes) !! grow by those of `f`
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: delta(lanes)
      real(dp) :: noise(lanes)
      real(dp) :: size
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: l

      noise = 0
      do i = 1, n
         do l = 1, lanes
            noise(l) = noise(l) + (f0(l, i)*tolerance(l, i))**2
         end do
      end do
      do l = 1, lanes
         noise(l) = 1000*abs(step(l))*eps*sqrt(n*noise(l))
         noise(l) = merge(noise(l), 1.0_dp, noise(l) > 0)
      end do
      stop = 0
      do j = 1, n
         moved = y
         do l = 1, lanes
            size = max(sqrt(eps)*max(abs(y(l, j)), abs(step(l)*f0(l, j))), &
               noise(l)/tolerance(l, j))
            moved(l, j) = merge(y(l, j) + size, y(l, j), wanted(l) /= 0)
            delta(l) = 1/(moved(l, j) - y(l, j))
         end do
         stop = f(ctx, lanes, n, t, moved, slope, p)
         if (stop /= 0) return
         evaluations = evaluations + wanted
         do i = 1, n
            do l = 1, lanes
               jac(l, j, i) = merge((slope(l, i) - f0(l, i))*delta(l), jac(l, j, i), &
                  wanted(l) /= 0)
            end do
         end do
      end do
   end subroutine differences

   pure subroutine growth_of(error, iterations, growth)
      !! Growth of the steps that the errors allow; less after many iterations.
      real(dp), intent(in) :: error(lanes) !! in tolerances
      integer(ip), intent(in) :: iterations(lanes) !! of the steps
      real(dp), intent(out) :: growth(lanes) !! factors
      integer(ip) :: l

      do l = 1, lanes
         growth(l) = safety*(2*most + 1)/(2*most + iterations(l)) &
            /sqrt(sqrt(max(error(l), least_error)))
         growth(l) = min(fastest, max(slowest, growth(l)))
      end do
   end subroutine growth_of

   pure subroutine next_steps(done, h, error, factor, lane, tally)
      !! Choose the steps that follow the accepted ones.
      integer(ip), intent(in) :: done(lanes) !! 1: accepted
      real(dp), intent(in) :: h(lanes) !! steps
      real(dp), intent(in) :: error(lanes) !! their errors
      real(dp), intent(in) :: factor(lanes) !! growths that these allow
      real(dp), intent(inout) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      integer(ip), intent(inout) :: tally(lanes, 0:ft_radau5_tallies - 1) !! whole numbers of them
      real(dp) :: growth
      real(dp) :: predicted
      real(dp) :: size
      integer(ip) :: l
      logical :: fast

      do l = 1, lanes
         predicted = safety*h(l)/lane(l, ft_radau5_last_step) &
            *sqrt(sqrt(lane(l, ft_radau5_last_error)/max(error(l), least_error)**2))
         growth = merge(min(factor(l), max(slowest, predicted)), factor(l), &
            tally(l, ft_radau5_steps) == 2)
         growth = merge(min(growth, 1.0_dp), growth, tally(l, ft_radau5_repeated) == 1)
         size = min(abs(h(l))*growth, lane(l, ft_radau5_max_step))
         fast = lane(l, ft_radau5_theta) <= quick
         size = merge(abs(h(l)), size, fast .and. size >= abs(h(l)) .and. size <= keep*abs(h(l)))
         size = sign(size, h(l))
         tally(l, ft_radau5_jacobian) = merge(merge(1_ip, 0_ip, fast), &
            tally(l, ft_radau5_jacobian), done(l) /= 0)
         lane(l, ft_radau5_next_step) = merge(size, lane(l, ft_radau5_next_step), done(l) /= 0)
         lane(l, ft_radau5_last_step) = merge(h(l), lane(l, ft_radau5_last_step), done(l) /= 0)
         lane(l, ft_radau5_last_error) = merge(max(0.01_dp, error(l)), &
            lane(l, ft_radau5_last_error), done(l) /= 0)
         tally(l, ft_radau5_steps) = merge(2_ip, tally(l, ft_radau5_steps), done(l) /= 0)
         tally(l, ft_radau5_repeated) = merge(0_ip, tally(l, ft_radau5_repeated), done(l) /= 0)
      end do
   end subroutine next_steps

   pure subroutine reject(refused, h, lane, tally)
      !! Give the tries up; the next have the steps `h`.
      integer(ip), intent(in) :: refused(lanes) !! 1: to be given up
      real(dp), intent(in) :: h(lanes) !! steps
      real(dp), intent(inout) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      integer(ip), intent(inout) :: tally(lanes, 0:ft_radau5_tallies - 1) !! whole numbers of them
      integer(ip) :: l

      do l = 1, lanes
         if (refused(l) == 0) cycle
         lane(l, ft_radau5_next_step) = h(l)
         tally(l, ft_radau5_outcome) = ft_radau5_rejected
         tally(l, ft_radau5_repeated) = 1
         if (tally(l, ft_radau5_jacobian) == 1) tally(l, ft_radau5_jacobian) = 0
         tally(l, ft_radau5_rejected_steps) = tally(l, ft_radau5_rejected_steps) + 1
      end do
   end subroutine reject
end module ferrotran_radau5_x8_control
