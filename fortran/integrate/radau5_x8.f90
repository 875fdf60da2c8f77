! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_x8
   !! RADAU5 for 8 members side by side, each with its own step, Jacobian and factors.
   !!
   !! Each lane has the operations of `ferrotran_radau5` in their order, thus their bits. What only
   !! some lanes need is computed in all and kept in these.
   use, intrinsic :: iso_c_binding, only: c_associated, c_f_procpointer, c_funptr, c_int, c_ptr, &
      dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5, only: patience
   use ferrotran_radau5_state, only: eps, field, ft_radau5_accepted, ft_radau5_accepted_steps, &
      ft_radau5_decompositions, ft_radau5_evaluations, ft_radau5_factored, ft_radau5_factors, &
      ft_radau5_idle, ft_radau5_jacobian, ft_radau5_jacobians, ft_radau5_next_step, &
      ft_radau5_not_finite, ft_radau5_outcome, ft_radau5_rate, ft_radau5_reals, &
      ft_radau5_repeated, ft_radau5_singular, ft_radau5_singulars, ft_radau5_step_too_small, &
      ft_radau5_steps, ft_radau5_t, ft_radau5_t_end, ft_radau5_t_old, ft_radau5_tallies, &
      ft_radau5_theta, largest
   use ferrotran_radau5_x8_control, only: begin, differences, finite, growth_of, next_steps, &
      norm_of, reject
   use ferrotran_radau5_x8_matrix, only: assemble, lanes, solve
   use ferrotran_radau5_x8_newton, only: iterate
   use ferrotran_radau5_x8_stages, only: commit, defects, guess, take, towards
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_radau5_x8_f64, ft_radau5_x8_work_f64
contains
   pure function ft_radau5_x8_work_f64(n) result(size) bind(c)
      !! Elements of `work`.
      integer(ip), intent(in), value :: n !! components
      integer(ip) :: size

      size = lanes*n*(14 + 4*n)
   end function ft_radau5_x8_work_f64

   recursive subroutine ft_radau5_x8_f64(f, ctx, jac, jac_ctx, n, npar, p, rtol, atol, lane, &
      tally, y, dense, pivot, work, status) bind(c)
      !! Try one step in each busy lane.
      type(c_funptr), intent(in), value :: f !! right-hand side, a `field`
      type(c_ptr), intent(in), value :: ctx !! handed to `f`
      type(c_funptr), intent(in), value :: jac !! its Jacobian, a `field`; null: differences
      type(c_ptr), intent(in), value :: jac_ctx !! handed to `jac`
      integer(ip), intent(in), value :: n !! components
      integer(ip), intent(in), value :: npar !! number of parameters
      real(dp), intent(in) :: p(lanes, npar) !! parameters
      real(dp), intent(in), value :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(inout) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      integer(ip), intent(inout) :: tally(lanes, 0:ft_radau5_tallies - 1) !! whole numbers of them
      real(dp), intent(inout) :: y(lanes, n) !! states
      real(dp), intent(inout) :: dense(lanes, n, 3) !! divided differences of the last steps
      integer(ip), intent(inout) :: pivot(lanes, n, 2) !! exchanges of the factors
      real(dp), intent(inout) :: work(ft_radau5_x8_work_f64(n)) !! what else lasts, scratch
      integer(c_int), intent(out) :: status !! `FT_OK` or `FT_STOPPED`
      integer(ip) :: m

      m = lanes*n
      call attempt(f, ctx, jac, jac_ctx, n, npar, p, rtol, atol, lane, tally, y, dense, pivot, &
         work(1), work(m + 1), work(2*m + 1), work(3*m + 1), work(6*m + 1), work(9*m + 1), &
         work(12*m + 1), work(14*m + 1), work((14 + n)*m + 1), work((14 + 2*n)*m + 1), &
         work((14 + 3*n)*m + 1), status)
   end subroutine ft_radau5_x8_f64

   recursive subroutine attempt(f, ctx, jac, jac_ctx, n, npar, p, rtol, atol, lane, tally, y, &
      dense, pivot, slope, tolerance, stage, r, z, w, other, matrix, a, re, im, status)
      !! The same, with the workspace in parts.
      type(c_funptr), intent(in) :: f !! right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to `f`
      type(c_funptr), intent(in) :: jac !! its Jacobian; null: differences
      type(c_ptr), intent(in) :: jac_ctx !! handed to `jac`
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(lanes, npar) !! parameters
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(inout) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      integer(ip), intent(inout) :: tally(lanes, 0:ft_radau5_tallies - 1) !! whole numbers of them
      real(dp), intent(inout) :: y(lanes, n) !! states
      real(dp), intent(inout) :: dense(lanes, n, 3) !! divided differences of the last steps
      integer(ip), intent(inout) :: pivot(lanes, n, 2) !! exchanges of the factors
      real(dp), intent(inout) :: slope(lanes, n) !! derivatives at the states
      real(dp), intent(inout) :: tolerance(lanes, n) !! reciprocal tolerances there
      real(dp), intent(inout) :: stage(lanes, n) !! scratch
      real(dp), intent(inout) :: r(lanes, n, 3) !! scratch
      real(dp), intent(inout) :: z(lanes, n, 3) !! stages less the states
      real(dp), intent(inout) :: w(lanes, n, 3) !! the same transformed; later scratch
      real(dp), intent(inout) :: other(lanes, n, 2) !! scratch
      real(dp), intent(inout) :: matrix(lanes, n, n) !! Jacobians, row by row
      real(dp), intent(inout) :: a(lanes, n, n) !! factors of the real matrices
      real(dp), intent(inout) :: re(lanes, n, n) !! of the complex ones
      real(dp), intent(inout) :: im(lanes, n, n) !! their imaginary parts
      integer(c_int), intent(out) :: status !! `FT_OK` or `FT_STOPPED`
      procedure(field), pointer :: evaluate
      real(dp) :: at(lanes)
      real(dp) :: error(lanes)
      real(dp) :: factor(lanes)
      real(dp) :: h(lanes)
      real(dp) :: shrink(lanes)
      integer(ip) :: active(lanes) ! lanes that still try
      integer(ip) :: again(lanes) ! a large estimate is to be filtered twice
      integer(ip) :: good(lanes)
      integer(ip) :: iterations(lanes)
      integer(ip) :: last(lanes)
      integer(ip) :: wanted(lanes)
      integer(ip) :: l
      integer(c_int) :: stop

      status = ft_stopped
      call c_f_procpointer(f, evaluate)
      tally(:, ft_radau5_outcome) = ft_radau5_idle
      active = merge(1_ip, 0_ip, tally(:, ft_radau5_steps) >= 0)
      if (minval(abs(tally(:, ft_radau5_steps))) == 0) then
         call begin(evaluate, ctx, n, npar, p, rtol, atol, lane, tally, y, slope, tolerance, &
            stage, r, stop)
         if (stop /= 0) return
         active = merge(0_ip, active, tally(:, ft_radau5_outcome) == ft_radau5_not_finite)
      end if
      do l = 1, lanes
         h(l) = lane(l, ft_radau5_next_step)
         at(l) = lane(l, ft_radau5_t_end) - lane(l, ft_radau5_t)
         last(l) = merge(1_ip, 0_ip, 1.0001_dp*abs(h(l)) >= abs(at(l)))
         h(l) = merge(at(l), h(l), last(l) /= 0)
         good(l) = merge(1_ip, 0_ip, tally(l, ft_radau5_repeated) == 0 &
            .or. abs(h(l)) > 10*eps*abs(lane(l, ft_radau5_t)))
      end do
      do l = 1, lanes
         if (active(l) == 1 .and. good(l) == 0) then
            tally(l, ft_radau5_outcome) = ft_radau5_step_too_small
            active(l) = 0
         end if
      end do
      if (sum(active) == 0) then
         status = ft_ok
         return
      end if

      wanted = merge(active, 0_ip, tally(:, ft_radau5_jacobian) == 0)
      if (sum(wanted) > 0) then
         call renew(stop)
         if (stop /= 0) return
      end if
      wanted = merge(active, 0_ip, tally(:, ft_radau5_factors) == 0 &
         .or. h /= lane(:, ft_radau5_factored))
      if (sum(wanted) > 0) call decompose()

      wanted = merge(1_ip, 0_ip, tally(:, ft_radau5_steps) == 2)
      call guess(n, h, wanted, lane, dense, z, w)
      call iterate(evaluate, ctx, n, npar, p, active, lane(:, ft_radau5_t), h, y, tolerance, &
         max(10*eps/rtol, min(0.03_dp, sqrt(rtol))), a, re, im, pivot, stage, r, z, w, &
         lane(:, ft_radau5_rate), lane(:, ft_radau5_theta), iterations, &
         tally(:, ft_radau5_evaluations), shrink, stop)
      if (stop /= 0) return
      wanted = merge(active, 0_ip, shrink > 0)
      call reject(wanted, h*shrink, lane, tally)
      active = active - wanted

      again = merge(1_ip, 0_ip, tally(:, ft_radau5_repeated) == 1 &
         .or. tally(:, ft_radau5_steps) == 1)
      call estimate(stop)
      if (stop /= 0) return
      call growth_of(error, iterations, factor)
      wanted = merge(0_ip, active, error < 1)
      do l = 1, lanes
         shrink(l) = merge(0.1_dp, factor(l), tally(l, ft_radau5_steps) == 1)
         shrink(l) = merge(shrink(l), 0.25_dp, error(l) <= largest)
      end do
      call reject(wanted, h*shrink, lane, tally)
      active = active - wanted
      call arrive(stop)
      if (stop == 0) status = ft_ok
   contains
      recursive subroutine renew(stop)
         !! Evaluate the wanted Jacobians.
         integer(c_int), intent(out) :: stop !! what the callback returned
         procedure(field), pointer :: differentiate
         integer(ip) :: l

         if (c_associated(jac)) then
            call c_f_procpointer(jac, differentiate)
            stop = differentiate(jac_ctx, lanes, n, lane(:, ft_radau5_t), y, re, p)
            if (stop == 0) call take(n*n, wanted, re, matrix)
         else
            call differences(evaluate, ctx, n, npar, p, wanted, lane(:, ft_radau5_t), y, slope, &
               h, tolerance, stage, r, matrix, tally(:, ft_radau5_evaluations), stop)
         end if
         do l = 1, lanes
            tally(l, ft_radau5_jacobians) = tally(l, ft_radau5_jacobians) + wanted(l)
            tally(l, ft_radau5_jacobian) = merge(2_ip, tally(l, ft_radau5_jacobian), &
               wanted(l) /= 0)
            tally(l, ft_radau5_factors) = merge(0_ip, tally(l, ft_radau5_factors), wanted(l) /= 0)
         end do
      end subroutine renew

      subroutine decompose()
         !! Decompose the matrices of the wanted lanes. The others get the same factors again.
         integer(ip) :: l
         integer(ip) :: singular(lanes)

         call assemble(n, h, matrix, a, re, im, pivot, singular)
         do l = 1, lanes
            if (wanted(l) == 0) cycle
            tally(l, ft_radau5_decompositions) = tally(l, ft_radau5_decompositions) + 1
            lane(l, ft_radau5_factored) = h(l)
            tally(l, ft_radau5_factors) = 1 - singular(l)
            if (singular(l) == 0) tally(l, ft_radau5_singulars) = 0
         end do
         singular = singular*wanted
         if (sum(singular) == 0) return
         call reject(singular, h/2, lane, tally)
         active = active - singular
         do l = 1, lanes
            tally(l, ft_radau5_singulars) = tally(l, ft_radau5_singulars) + singular(l)
            if (singular(l) == 1 .and. tally(l, ft_radau5_singulars) == patience) &
               tally(l, ft_radau5_outcome) = ft_radau5_singular
         end do
      end subroutine decompose

      recursive subroutine estimate(stop)
         !! Estimate the errors of the steps.
         integer(c_int), intent(out) :: stop !! what the callback returned
         real(dp) :: norm(lanes)
         integer(ip) :: l

         stop = 0
         call defects(n, rtol, atol, h, y, slope, z, w(:, :, 1), w(:, :, 2), other(:, :, 1))
         call solve(n, a, pivot(:, :, 1), other(:, :, 1))
         call norm_of(n, other(:, :, 1), w(:, :, 1), error)
         wanted = merge(0_ip, active*again, error < 1)
         if (sum(wanted) == 0) return
         call towards(n, wanted, y, other(:, :, 1), stage)
         stop = evaluate(ctx, lanes, n, lane(:, ft_radau5_t), stage, other(:, :, 2), p)
         if (stop /= 0) return
         other(:, :, 2) = other(:, :, 2) + w(:, :, 2)
         call solve(n, a, pivot(:, :, 1), other(:, :, 2))
         call norm_of(n, other(:, :, 2), w(:, :, 1), norm)
         do l = 1, lanes
            error(l) = merge(norm(l), error(l), wanted(l) /= 0)
            tally(l, ft_radau5_evaluations) = tally(l, ft_radau5_evaluations) + wanted(l)
         end do
      end subroutine estimate

      recursive subroutine arrive(stop)
         !! Take the steps that are good enough, unless the derivative at their end is not finite.
         integer(c_int), intent(out) :: stop !! what the callback returned
         integer(ip) :: l

         call towards(n, active, y, z(:, :, 3), stage)
         do l = 1, lanes
            at(l) = merge(lane(l, ft_radau5_t_end), lane(l, ft_radau5_t) + h(l), last(l) /= 0)
            at(l) = merge(at(l), lane(l, ft_radau5_t), active(l) /= 0)
         end do
         stop = 0
         if (sum(active) == 0) return
         stop = evaluate(ctx, lanes, n, at, stage, other, p)
         if (stop /= 0) return
         tally(:, ft_radau5_evaluations) = tally(:, ft_radau5_evaluations) + active
         call finite(n, stage, good)
         call finite(n, other, wanted)
         wanted = active*(1 - good*wanted)
         call reject(wanted, h/4, lane, tally)
         active = active - wanted
         call commit(n, active, rtol, atol, z, stage, other, y, slope, tolerance, dense)
         do l = 1, lanes
            lane(l, ft_radau5_t_old) = merge(lane(l, ft_radau5_t), lane(l, ft_radau5_t_old), &
               active(l) /= 0)
            lane(l, ft_radau5_t) = merge(at(l), lane(l, ft_radau5_t), active(l) /= 0)
            tally(l, ft_radau5_accepted_steps) = tally(l, ft_radau5_accepted_steps) + active(l)
            tally(l, ft_radau5_outcome) = merge(ft_radau5_accepted, tally(l, ft_radau5_outcome), &
               active(l) /= 0)
         end do
         call next_steps(active, h, error, factor, lane, tally)
      end subroutine arrive
   end subroutine attempt
end module ferrotran_radau5_x8
