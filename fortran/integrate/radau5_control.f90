! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_control
   !! The first step of RADAU5, its error estimate, and the choice of the next step.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_newton, only: most, quick, solve_real
   use ferrotran_radau5_state, only: field, ft_radau5_accepted, ft_radau5_evaluations, &
      ft_radau5_jacobian, ft_radau5_last_error, ft_radau5_last_step, ft_radau5_max_step, &
      ft_radau5_next_step, ft_radau5_not_finite, ft_radau5_outcome, ft_radau5_rate, &
      ft_radau5_reals, ft_radau5_rejected, ft_radau5_rejected_steps, ft_radau5_repeated, &
      ft_radau5_steps, ft_radau5_t, ft_radau5_t_end, ft_radau5_tallies, ft_radau5_theta, largest, &
      matrix_rows, one, weight
   implicit none (type, external)
   private
   public :: begin, estimate, factor_of, finite, next_step, reject, tolerances
   public :: fastest, keep, least_error, safety, slowest

   real(dp), parameter :: safety = 0.9_dp !! of the step that the error asks for
   real(dp), parameter :: slowest = 0.2_dp !! least factor from step to step
   real(dp), parameter :: fastest = 8 !! largest
   real(dp), parameter :: keep = 1.2_dp !! a step that would grow by less stays as it is
   real(dp), parameter :: least_error = 1.0e-10_dp !! below it errors count the same
contains
   recursive subroutine begin(f, ctx, n, npar, p, rtol, atol, lane, tally, y, slope, &
      tolerance, moved, other, stop)
      !! Evaluate the derivative and choose the first step: Hairer, Norsett and Wanner, *Solving
      !! Ordinary Differential Equations I*, 2nd ed., 1993, II.4, page 169.
      procedure(field) :: f !! right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(inout) :: lane(0:ft_radau5_reals - 1) !! numbers of the member
      integer(ip), intent(inout) :: tally(0:ft_radau5_tallies - 1) !! whole numbers of it
      real(dp), intent(in) :: y(n) !! state
      real(dp), intent(inout) :: slope(n) !! derivative
      real(dp), intent(out) :: tolerance(n) !! reciprocal tolerances
      real(dp), intent(out) :: moved(n) !! scratch
      real(dp), intent(inout) :: other(n) !! scratch
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: d0
      real(dp) :: d1
      real(dp) :: d2
      real(dp) :: h
      real(dp) :: h0
      real(dp) :: way
      integer(ip) :: i

      stop = f(ctx, one, n, lane(ft_radau5_t), y, slope, p)
      if (stop /= 0) return
      tally(ft_radau5_evaluations) = 1
      tally(ft_radau5_outcome) = ft_radau5_not_finite
      if (.not. (finite(n, y) .and. finite(n, slope))) return
      tally(ft_radau5_outcome) = ft_radau5_accepted
      tally(ft_radau5_steps) = 1
      lane(ft_radau5_rate) = 1
      call tolerances(n, rtol, atol, y, tolerance)
      way = lane(ft_radau5_t_end) - lane(ft_radau5_t)
      h = abs(lane(ft_radau5_next_step))
      if (h == 0) then
         d0 = norm(n, y, tolerance)
         d1 = norm(n, slope, tolerance)
         h0 = 1.0e-6_dp
         if (d0 >= 1.0e-5_dp .and. d1 >= 1.0e-5_dp) h0 = 0.01_dp*(d0/d1)
         h0 = min(h0, abs(way), lane(ft_radau5_max_step))
         do i = 1, n
            moved(i) = y(i) + sign(h0, way)*slope(i)
         end do
         stop = f(ctx, one, n, [lane(ft_radau5_t) + sign(h0, way)], moved, other, p)
         if (stop /= 0) return
         tally(ft_radau5_evaluations) = 2
         do i = 1, n
            other(i) = other(i) - slope(i)
         end do
         d2 = norm(n, other, tolerance)/h0
         h = max(1.0e-6_dp, h0*1.0e-3_dp)
         if (max(d1, d2) > 1.0e-15_dp) h = sqrt(sqrt(0.01_dp/max(d1, d2)))
         h = min(100*h0, h)
         if (.not. d2 <= largest) h = 0.01_dp*h0
      end if
      lane(ft_radau5_next_step) = sign(min(h, lane(ft_radau5_max_step), abs(way)), way)
   end subroutine begin

   pure subroutine tolerances(n, rtol, atol, y, tolerance)
      !! Set the reciprocal tolerance of each component.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(in) :: y(n) !! state
      real(dp), intent(out) :: tolerance(n) !! reciprocals
      integer(ip) :: i

      do i = 1, n
         tolerance(i) = 1/max(atol(i) + rtol*abs(y(i)), tiny(1.0_dp))
      end do
   end subroutine tolerances

   pure function norm(n, x, tolerance) result(size)
      !! Root mean square of `x` in tolerances.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: x(n) !! numbers
      real(dp), intent(in) :: tolerance(n) !! reciprocal tolerances
      real(dp) :: size
      integer(ip) :: i

      size = 0
      do i = 1, n
         size = size + (x(i)*tolerance(i))**2
      end do
      size = sqrt(size/max(n, one))
   end function norm

   pure function finite(n, x) result(all_finite)
      !! Whether all numbers are finite.
      integer(ip), intent(in) :: n !! how many
      real(dp), intent(in) :: x(n) !! numbers
      logical :: all_finite
      integer(ip) :: i

      all_finite = .true.
      do i = 1, n
         if (.not. abs(x(i)) <= largest) all_finite = .false.
      end do
   end function finite

   recursive subroutine estimate(f, ctx, n, ml, mu, npar, p, t, h, filter_again, y, slope, z, &
      tolerance, real_part, pivot, sum_z, moved, evaluations, error, stop)
      !! Estimate the error of a step: IV.8, equations (8.19) and (8.20).
      procedure(field) :: f !! right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(in) :: t !! start of the step
      real(dp), intent(in) :: h !! step
      logical, intent(in) :: filter_again !! whether a large estimate is to be filtered twice
      real(dp), intent(in) :: y(n) !! state at `t`
      real(dp), intent(in) :: slope(n) !! derivative there
      real(dp), intent(in) :: z(n, 3) !! stages less `y`
      real(dp), intent(in) :: tolerance(n) !! reciprocal tolerances
      real(dp), intent(in) :: real_part(matrix_rows(n, ml, mu), n) !! factors of the real matrix
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(out) :: sum_z(n) !! scratch
      real(dp), intent(inout) :: moved(n, 2) !! scratch
      integer(ip), intent(inout) :: evaluations !! grows by those of `f`
      real(dp), intent(out) :: error !! estimate, in tolerances
      integer(c_int), intent(out) :: stop !! what the callback returned
      integer(ip) :: i

      stop = 0
      do i = 1, n
         sum_z(i) = (weight(1)*z(i, 1) + weight(2)*z(i, 2) + weight(3)*z(i, 3))/h
         moved(i, 1) = sum_z(i) + slope(i)
      end do
      call solve_real(n, ml, mu, real_part, pivot, moved(:, 1))
      error = norm(n, moved(:, 1), tolerance)
      if (error < 1 .or. .not. filter_again) return
      moved(:, 1) = y + moved(:, 1)
      stop = f(ctx, one, n, [t], moved(:, 1), moved(:, 2), p)
      if (stop /= 0) return
      evaluations = evaluations + 1
      moved(:, 2) = moved(:, 2) + sum_z
      call solve_real(n, ml, mu, real_part, pivot, moved(:, 2))
      error = norm(n, moved(:, 2), tolerance)
   end subroutine estimate

   pure function factor_of(error, iterations) result(factor)
      !! Growth of the step that the error allows; less after many iterations.
      real(dp), intent(in) :: error !! in tolerances
      integer, intent(in) :: iterations !! of the step
      real(dp) :: factor

      factor = safety*(2*most + 1)/(2*most + iterations)/sqrt(sqrt(max(error, least_error)))
      factor = min(fastest, max(slowest, factor))
   end function factor_of

   pure subroutine next_step(h, error, factor, lane, tally)
      !! Choose the step that follows the accepted one of size `h`.
      real(dp), intent(in) :: h !! step
      real(dp), intent(in) :: error !! its error
      real(dp), intent(in) :: factor !! `factor_of` that
      real(dp), intent(inout) :: lane(0:ft_radau5_reals - 1) !! numbers of the member
      integer(ip), intent(inout) :: tally(0:ft_radau5_tallies - 1) !! whole numbers of it
      real(dp) :: growth
      real(dp) :: predicted ! by the trend of the last two errors
      real(dp) :: size

      growth = factor
      if (tally(ft_radau5_steps) == 2) then
         predicted = safety*h/lane(ft_radau5_last_step) &
            *sqrt(sqrt(lane(ft_radau5_last_error)/max(error, least_error)**2))
         growth = min(growth, max(slowest, predicted))
      end if
      if (tally(ft_radau5_repeated) == 1) growth = min(growth, 1.0_dp)
      size = min(abs(h)*growth, lane(ft_radau5_max_step))
      tally(ft_radau5_jacobian) = 0
      if (lane(ft_radau5_theta) <= quick) then
         tally(ft_radau5_jacobian) = 1
         if (size >= abs(h) .and. size <= keep*abs(h)) size = abs(h)
      end if
      lane(ft_radau5_next_step) = sign(size, h)
      lane(ft_radau5_last_step) = h
      lane(ft_radau5_last_error) = max(0.01_dp, error)
      tally(ft_radau5_steps) = 2
      tally(ft_radau5_repeated) = 0
   end subroutine next_step

   pure subroutine reject(h, lane, tally)
      !! Give the try up; the next has the step `h`.
      real(dp), intent(in) :: h !! step
      real(dp), intent(inout) :: lane(0:ft_radau5_reals - 1) !! numbers of the member
      integer(ip), intent(inout) :: tally(0:ft_radau5_tallies - 1) !! whole numbers of it

      lane(ft_radau5_next_step) = h
      tally(ft_radau5_outcome) = ft_radau5_rejected
      tally(ft_radau5_repeated) = 1
      if (tally(ft_radau5_jacobian) == 1) tally(ft_radau5_jacobian) = 0
      tally(ft_radau5_rejected_steps) = tally(ft_radau5_rejected_steps) + 1
   end subroutine reject
end module ferrotran_radau5_control
