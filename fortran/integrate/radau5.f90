! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5
   !! RADAU5 for stiff systems: the Radau IIA method of three stages and order 5, one try at a
   !! step per call.
   !!
   !! Hairer and Wanner, *Solving Ordinary Differential Equations II*, 2nd ed., Springer 1996,
   !! section IV.8, doi:10.1007/978-3-642-05221-7: simplified Newton iterations, an error
   !! estimate of order 3 filtered by the real matrix, the predictive step control of Gustafsson,
   !! *ACM Trans. Math. Softw.* 20 (1994) 496, doi:10.1145/198429.198437, and the polynomial of
   !! collocation for starting values and output between the steps.
   use, intrinsic :: iso_c_binding, only: c_associated, c_f_procpointer, c_funptr, c_int, c_ptr, &
      dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_control, only: begin, estimate, factor_of, finite, next_step, reject, &
      tolerances
   use ferrotran_radau5_matrix, only: ask, assemble, differences
   use ferrotran_radau5_newton, only: iterate
   use ferrotran_radau5_state, only: differ, eps, field, ft_radau5_accepted, &
      ft_radau5_accepted_steps, ft_radau5_decompositions, ft_radau5_evaluations, &
      ft_radau5_factored, ft_radau5_factors, ft_radau5_jacobian, ft_radau5_jacobians, &
      ft_radau5_last_step, ft_radau5_next_step, ft_radau5_not_finite, ft_radau5_outcome, &
      ft_radau5_rate, ft_radau5_reals, ft_radau5_repeated, ft_radau5_singular, &
      ft_radau5_singulars, ft_radau5_step_too_small, ft_radau5_steps, ft_radau5_t, &
      ft_radau5_t_end, ft_radau5_t_old, ft_radau5_tallies, ft_radau5_theta, jacobian_rows, &
      largest, matrix_rows, node, one, to_w
   use ferrotran_status, only: ft_ok, ft_stopped
   implicit none (type, external)
   private
   public :: ft_radau5_f64, ft_radau5_work_f64, patience

   integer, parameter :: patience = 5 !! singular matrices in a row
   integer(ip), parameter :: vectors = 12 !! columns of `work` before the Jacobian
contains
   pure function ft_radau5_work_f64(n, ml, mu) result(size) bind(c)
      !! Elements of `work`.
      integer(ip), intent(in), value :: n !! components
      integer(ip), intent(in), value :: ml !! diagonals below the main one
      integer(ip), intent(in), value :: mu !! diagonals above
      integer(ip) :: size

      size = n*(vectors + jacobian_rows(n, ml, mu) + 3*matrix_rows(n, ml, mu))
   end function ft_radau5_work_f64

   recursive subroutine ft_radau5_f64(f, ctx, jac, jac_ctx, n, ml, mu, npar, p, rtol, atol, &
      lane, tally, y, dense, pivot, work, status) bind(c)
      !! Try one step.
      type(c_funptr), intent(in), value :: f !! right-hand side, a `field`
      type(c_ptr), intent(in), value :: ctx !! handed to `f`
      type(c_funptr), intent(in), value :: jac !! its Jacobian, a `field`; null: differences
      type(c_ptr), intent(in), value :: jac_ctx !! handed to `jac`
      integer(ip), intent(in), value :: n !! components
      integer(ip), intent(in), value :: ml !! diagonals below; negative: full
      integer(ip), intent(in), value :: mu !! diagonals above
      integer(ip), intent(in), value :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(in), value :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(inout) :: lane(0:ft_radau5_reals - 1) !! numbers of the member
      integer(ip), intent(inout) :: tally(0:ft_radau5_tallies - 1) !! whole numbers of it
      real(dp), intent(inout) :: y(n) !! state
      real(dp), intent(inout) :: dense(n, 3) !! divided differences of the last step
      integer(ip), intent(inout) :: pivot(n, 2) !! exchanges of the factors
      real(dp), intent(inout) :: work(ft_radau5_work_f64(n, ml, mu)) !! what else lasts, scratch
      integer(c_int), intent(out) :: status !! `FT_OK` or `FT_STOPPED`
      procedure(field), pointer :: evaluate
      real(dp) :: error
      real(dp) :: factor
      real(dp) :: h
      real(dp) :: shrink
      real(dp) :: t_new
      integer(ip) :: i
      integer(ip) :: im
      integer(ip) :: matrix
      integer(ip) :: r
      integer(ip) :: re
      integer(ip) :: real_part
      integer(ip) :: slope
      integer(ip) :: stage
      integer(ip) :: tolerance
      integer(ip) :: w
      integer(ip) :: z
      integer(c_int) :: stop
      integer :: iterations
      logical :: again
      logical :: last
      logical :: singular

      ! Where what lasts and the scratch begin in `work`.
      slope = 1
      tolerance = slope + n
      stage = tolerance + n
      r = stage + n
      z = r + 3*n
      w = z + 3*n
      matrix = w + 3*n
      real_part = matrix + n*jacobian_rows(n, ml, mu)
      re = real_part + n*matrix_rows(n, ml, mu)
      im = re + n*matrix_rows(n, ml, mu)

      status = ft_stopped
      call c_f_procpointer(f, evaluate)
      if (tally(ft_radau5_steps) == 0) then
         call begin(evaluate, ctx, n, npar, p, rtol, atol, lane, tally, y, work(slope), &
            work(tolerance), work(stage), work(r), stop)
         if (stop /= 0) return
         if (tally(ft_radau5_outcome) == ft_radau5_not_finite) then
            status = ft_ok
            return
         end if
      end if

      h = lane(ft_radau5_next_step)
      last = 1.0001_dp*abs(h) >= abs(lane(ft_radau5_t_end) - lane(ft_radau5_t))
      if (last) h = lane(ft_radau5_t_end) - lane(ft_radau5_t)
      again = tally(ft_radau5_repeated) == 1
      if (again .and. .not. abs(h) > 10*eps*abs(lane(ft_radau5_t))) then
         tally(ft_radau5_outcome) = ft_radau5_step_too_small
         status = ft_ok
         return
      end if

      if (tally(ft_radau5_jacobian) == 0) then
         call renew(stop)
         if (stop /= 0) return
      end if
      if (tally(ft_radau5_factors) == 0 .or. h /= lane(ft_radau5_factored)) then
         call assemble(n, ml, mu, h, work(matrix), work(real_part), work(re), work(im), pivot, &
            singular)
         tally(ft_radau5_decompositions) = tally(ft_radau5_decompositions) + 1
         lane(ft_radau5_factored) = h
         tally(ft_radau5_factors) = 1
         if (singular) then
            call reject(h/2, lane, tally)
            tally(ft_radau5_factors) = 0
            tally(ft_radau5_singulars) = tally(ft_radau5_singulars) + 1
            if (tally(ft_radau5_singulars) == patience) &
               tally(ft_radau5_outcome) = ft_radau5_singular
            status = ft_ok
            return
         end if
         tally(ft_radau5_singulars) = 0
      end if

      call guess(n, h, lane, tally, dense, work(z), work(w))
      call iterate(evaluate, ctx, n, ml, mu, npar, p, lane(ft_radau5_t), h, y, work(tolerance), &
         max(10*eps/rtol, min(0.03_dp, sqrt(rtol))), work(real_part), work(re), work(im), pivot, &
         work(stage), work(r), work(z), work(w), lane(ft_radau5_rate), lane(ft_radau5_theta), &
         iterations, tally(ft_radau5_evaluations), shrink, stop)
      if (stop /= 0) return
      if (shrink > 0) then
         call reject(h*shrink, lane, tally)
         status = ft_ok
         return
      end if

      ! From here `r` and `w` are scratch.
      again = again .or. tally(ft_radau5_steps) == 1
      call scale_step(n, rtol, atol, y, work(z + 2*n), work(w))
      call estimate(evaluate, ctx, n, ml, mu, npar, p, lane(ft_radau5_t), h, again, y, &
         work(slope), work(z), work(w), work(real_part), pivot(:, 1), work(r), work(r + n), &
         tally(ft_radau5_evaluations), error, stop)
      if (stop /= 0) return
      factor = factor_of(error, iterations)
      if (.not. error < 1) then
         if (tally(ft_radau5_steps) == 1) factor = 0.1_dp
         if (.not. error <= largest) factor = 0.25_dp
         call reject(h*factor, lane, tally)
         status = ft_ok
         return
      end if
      do i = 0, n - 1
         work(stage + i) = y(i + 1) + work(z + 2*n + i)
      end do
      t_new = lane(ft_radau5_t) + h
      if (last) t_new = lane(ft_radau5_t_end)
      stop = evaluate(ctx, one, n, [t_new], work(stage), work(r), p)
      if (stop /= 0) return
      tally(ft_radau5_evaluations) = tally(ft_radau5_evaluations) + 1
      status = ft_ok
      if (.not. (finite(n, work(stage)) .and. finite(n, work(r)))) then
         call reject(h/4, lane, tally)
         return
      end if
      do i = 0, n - 1
         y(i + 1) = work(stage + i)
         work(slope + i) = work(r + i)
      end do
      call tolerances(n, rtol, atol, y, work(tolerance))
      call interpolate(n, work(z), dense)
      lane(ft_radau5_t_old) = lane(ft_radau5_t)
      lane(ft_radau5_t) = t_new
      call next_step(h, error, factor, lane, tally)
      tally(ft_radau5_accepted_steps) = tally(ft_radau5_accepted_steps) + 1
      tally(ft_radau5_outcome) = ft_radau5_accepted
   contains
      recursive subroutine renew(stop)
         !! Evaluate the Jacobian.
         integer(c_int), intent(out) :: stop !! what the callback returned
         procedure(field), pointer :: differentiate

         if (c_associated(jac)) then
            call c_f_procpointer(jac, differentiate)
            call ask(differentiate, jac_ctx, n, jacobian_rows(n, ml, mu), lane(ft_radau5_t), y, &
               npar, p, work(re), work(matrix), stop)
         else
            call differences(evaluate, ctx, n, ml, mu, lane(ft_radau5_t), y, work(slope), npar, &
               p, h, work(tolerance), work(stage), work(r), work(matrix), &
               tally(ft_radau5_evaluations), stop)
         end if
         tally(ft_radau5_jacobians) = tally(ft_radau5_jacobians) + 1
         tally(ft_radau5_jacobian) = 2
         tally(ft_radau5_factors) = 0
      end subroutine renew
   end subroutine ft_radau5_f64

   pure subroutine guess(n, h, lane, tally, dense, z, w)
      !! Guess the stages by the polynomial of the last step; zero where there was none.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: h !! step
      real(dp), intent(in) :: lane(0:ft_radau5_reals - 1) !! numbers of the member
      integer(ip), intent(in) :: tally(0:ft_radau5_tallies - 1) !! whole numbers of it
      real(dp), intent(in) :: dense(n, 3) !! divided differences
      real(dp), intent(out) :: z(n, 3) !! stages less the state
      real(dp), intent(out) :: w(n, 3) !! the same transformed
      real(dp) :: s(3)
      integer(ip) :: i

      if (tally(ft_radau5_steps) < 2) then
         z = 0
         w = 0
         return
      end if
      s = node*(h/lane(ft_radau5_last_step))
      do i = 1, n
         z(i, 1) = s(1)*(dense(i, 1) + (s(1) + (1 - node(2)))*(dense(i, 2) &
            + (s(1) + (1 - node(1)))*dense(i, 3)))
         z(i, 2) = s(2)*(dense(i, 1) + (s(2) + (1 - node(2)))*(dense(i, 2) &
            + (s(2) + (1 - node(1)))*dense(i, 3)))
         z(i, 3) = s(3)*(dense(i, 1) + (s(3) + (1 - node(2)))*(dense(i, 2) &
            + (s(3) + (1 - node(1)))*dense(i, 3)))
         w(i, 1) = to_w(1, 1)*z(i, 1) + to_w(1, 2)*z(i, 2) + to_w(1, 3)*z(i, 3)
         w(i, 2) = to_w(2, 1)*z(i, 1) + to_w(2, 2)*z(i, 2) + to_w(2, 3)*z(i, 3)
         w(i, 3) = to_w(3, 1)*z(i, 1) + to_w(3, 2)*z(i, 2) + to_w(3, 3)*z(i, 3)
      end do
   end subroutine guess

   pure subroutine interpolate(n, z, dense)
      !! Set the divided differences of the polynomial through the state and the stages, with
      !! respect to (t - t_new)/h, over 0, c2 - 1, c1 - 1 and -1.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: z(n, 3) !! stages less the state at the start
      real(dp), intent(out) :: dense(n, 3) !! divided differences
      real(dp) :: d1
      real(dp) :: d2
      real(dp) :: d3
      integer(ip) :: i

      do i = 1, n
         d1 = (z(i, 3) - z(i, 2))*differ(1)
         d2 = (z(i, 2) - z(i, 1))*differ(2)
         d3 = (d2 - z(i, 1)*differ(3))*differ(4)
         d2 = (d1 - d2)*differ(5)
         dense(i, 1) = d1
         dense(i, 2) = d2
         dense(i, 3) = d2 - d3
      end do
   end subroutine interpolate

   pure subroutine scale_step(n, rtol, atol, y, z, tolerance)
      !! Set the reciprocal tolerances by the larger of the states at both ends of the step.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(in) :: y(n) !! state at the start
      real(dp), intent(in) :: z(n) !! state at the end less that
      real(dp), intent(out) :: tolerance(n) !! reciprocals
      integer(ip) :: i

      do i = 1, n
         tolerance(i) = 1/max(atol(i) + rtol*max(abs(y(i)), abs(y(i) + z(i))), tiny(1.0_dp))
      end do
   end subroutine scale_step
end module ferrotran_radau5
