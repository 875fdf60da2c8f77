! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_search
   !! The iteration of Levenberg and Marquardt: More (1978), algorithm 7.1.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_bounds, only: bounded_step, image, lists2, matrices2, &
      vectors2
   use ferrotran_least_squares_covariance, only: nan
   use ferrotran_least_squares_jacobian, only: differences, residuals
   use ferrotran_least_squares_qr, only: factor, load
   use ferrotran_least_squares_step, only: damped_step
   use ferrotran_least_squares_vector, only: norm
   use ferrotran_status, only: ft_ftol, ft_ftol_too_small, ft_gtol, ft_gtol_too_small, &
      ft_jacobian_not_finite, ft_max_evaluations, ft_start_not_finite, ft_ok, ft_stopped, ft_xtol, &
      ft_xtol_and_ftol, ft_xtol_too_small
   implicit none (type, external)
   private
   public :: search, matrices, vectors, lists
   public :: damped, length_of, order, triangle

   ! Columns of the workspace.
   integer(c_ptrdiff_t), parameter :: triangle = 1 !! matrix: of the Jacobian
   integer(c_ptrdiff_t), parameter :: damped = 2 !! matrix: of the damped problem
   integer(c_ptrdiff_t), parameter :: box = 3 !! matrix: first for the step in a box
   integer(c_ptrdiff_t), parameter :: matrices = box - 1 + matrices2 !! number of matrices
   integer(c_ptrdiff_t), parameter :: square = 1 !! vector: sums of squares of the columns
   integer(c_ptrdiff_t), parameter :: unit = 2 !! vector: powers of two
   integer(c_ptrdiff_t), parameter :: head = 3 !! vector: of `Q^T r`
   integer(c_ptrdiff_t), parameter :: length_of = 4 !! vector: lengths of the columns
   integer(c_ptrdiff_t), parameter :: scaling = 5 !! vector: of the parameters
   integer(c_ptrdiff_t), parameter :: gradient = 6 !! vector: of half the sum of squares
   integer(c_ptrdiff_t), parameter :: step = 7 !! vector: from `x`
   integer(c_ptrdiff_t), parameter :: point = 8 !! vector: where residuals are tried
   integer(c_ptrdiff_t), parameter :: permuted = 9 !! vector: scaling in the order of `triangle`
   integer(c_ptrdiff_t), parameter :: move = 10 !! vector: step in that order
   integer(c_ptrdiff_t), parameter :: spare = 11 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: spare2 = 12 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: box_vectors = 13 !! vector: first for the step in a box
   integer(c_ptrdiff_t), parameter :: vectors = box_vectors - 1 + vectors2 !! number of vectors
   integer(c_ptrdiff_t), parameter :: order = 1 !! list: columns in the order of `triangle`
   integer(c_ptrdiff_t), parameter :: held = 2 !! list: 1 where a bound stops the parameter
   integer(c_ptrdiff_t), parameter :: box_lists = 3 !! list: first for the step in a box
   integer(c_ptrdiff_t), parameter :: lists = box_lists - 1 + lists2 !! number of lists

   real(dp), parameter :: acceptable = 1.0e-4_dp !! ratio of decreases that makes a step
   real(dp), parameter :: poor = 0.25_dp !! ratio up to which the radius shrinks
   real(dp), parameter :: good = 0.75_dp !! ratio from which it grows
   real(dp), parameter :: eps = epsilon(1.0_dp) !! spacing of the numbers at one
contains
   recursive subroutine search(f, ctx, m, n, ld, ld2, x, lb, ub, x_scale, together, diff_step, &
      ftol, xtol, gtol, factor_x, max_nfev, r, jac, length_r, optimality, nfev, njev, a, t, b, &
      mat, vec, list, status)
      !! Move `x` until a tolerance is met; leave triangle, lengths and gradient there behind.
      procedure(residuals) :: f !! residuals
      type(c_ptr), intent(in) :: ctx !! handed to `f`
      integer(c_ptrdiff_t), intent(in) :: m !! residuals
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      integer(c_ptrdiff_t), intent(in) :: ld !! `m` in whole blocks
      integer(c_ptrdiff_t), intent(in) :: ld2 !! `n` in whole blocks
      real(dp), intent(inout) :: x(n) !! parameters
      real(dp), intent(in), optional :: lb(n) !! lower bounds
      real(dp), intent(in), optional :: ub(n) !! upper bounds
      real(dp), intent(in), optional :: x_scale(n) !! typical sizes
      logical, intent(in) :: together !! whether derivatives come with all residuals
      real(dp), intent(in) :: diff_step !! relative step of differences, or 0
      real(dp), intent(in) :: ftol !! relative change of the sum of squares
      real(dp), intent(in) :: xtol !! relative change of the parameters
      real(dp), intent(in) :: gtol !! cosine between residuals and a column
      real(dp), intent(in) :: factor_x !! first radius over `|D x|`
      integer(c_ptrdiff_t), intent(in) :: max_nfev !! most evaluations
      real(dp), intent(out) :: r(m) !! residuals at `x`
      real(dp), intent(out) :: jac(m, n) !! derivatives at `x`
      real(dp), intent(out) :: length_r !! of the residuals
      real(dp), intent(out) :: optimality !! largest element of the gradient, but for held ones
      integer(c_ptrdiff_t), intent(inout) :: nfev !! evaluations of residuals
      integer(c_ptrdiff_t), intent(inout) :: njev !! evaluations of derivatives
      real(dp), intent(out) :: a(ld, n + 1) !! workspace: the matrix that is factored
      real(dp), intent(out) :: t(ld) !! workspace: residuals at a trial point
      real(dp), intent(out) :: b(ld2, n + 1) !! workspace: for the step in a box
      real(dp), intent(inout) :: mat(n, n, matrices) !! workspace
      real(dp), intent(inout) :: vec(n + 1, vectors) !! workspace
      integer(c_ptrdiff_t), intent(inout) :: list(n, lists) !! workspace
      integer(c_int), intent(inout) :: status !! on entry `FT_OK`; the reason to stop
      real(dp) :: actual ! decrease over the sum of squares
      real(dp) :: cosine ! largest between the residuals and a column
      real(dp) :: damping
      real(dp) :: length_s ! of the step, scaled
      real(dp) :: length_t ! of the residuals at the trial point
      real(dp) :: length_x ! of the parameters, scaled
      real(dp) :: predicted ! decrease over the sum of squares
      real(dp) :: radius
      real(dp) :: ratio
      real(dp) :: slope ! along the step, over the sum of squares
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k
      integer(c_int) :: reason
      integer(c_int) :: stop
      logical :: accepted
      logical :: known ! whether `jac` belongs to `x`
      logical :: first
      logical :: projected

      length_r = huge(length_r)
      t(m + 1:) = 0
      vec(:n, point) = x
      call try()
      if (status /= ft_ok) return
      call accept()
      if (.not. length_r <= huge(length_r)) then
         jac = nan()
         status = ft_start_not_finite
         return
      end if
      damping = 0
      first = .true.

      descend: do
         call linearise()
         if (status /= ft_ok) return
         if (cosine <= gtol) then
            status = ft_gtol
            return
         end if
         call set_scaling()
         shorten: do
            call find_step()
            if (first) radius = min(radius, length_s)
            call try()
            if (status /= ft_ok) return
            call judge()
            accepted = ratio >= acceptable
            if (accepted) then
               call accept()
               length_x = scaled_length(x)
               first = .false.
            end if
            call test()
            if (status /= ft_ok) exit descend
            if (accepted) exit shorten
         end do shorten
      end do descend
      if (.not. accepted) then
         if (together) call restore()
         return
      end if
      reason = status
      status = ft_ok
      call linearise()
      ! Derivatives that are not finite at the end spoil the covariance alone.
      if (status /= ft_stopped) status = reason
   contains
      subroutine try()
         !! Evaluate the residuals at the trial point.
         nfev = nfev + 1
         if (together) then
            njev = njev + 1
            stop = f(ctx, m, n, vec(:n, point), t, jac)
         else
            stop = f(ctx, m, n, vec(:n, point), t)
         end if
         if (stop /= 0) status = ft_stopped
         length_t = norm(ld, t)
      end subroutine try

      subroutine accept()
         !! Go to the trial point.
         x = vec(:n, point)
         r = t(:m)
         length_r = length_t
         known = together
      end subroutine accept

      subroutine restore()
         !! Bring the derivatives at `x` back, which those at a rejected point have replaced.
         nfev = nfev + 1
         njev = njev + 1
         stop = f(ctx, m, n, x, t, jac)
         if (stop /= 0) status = ft_stopped
      end subroutine restore

      subroutine linearise()
         !! Factor the derivatives at `x`.
         optimality = nan()
         if (.not. known) then
            njev = njev + 1
            if (diff_step > 0) then
               call differences(f, ctx, m, n, x, r, diff_step, lb, ub, jac, vec(:n, spare), &
                  nfev, stop)
            else
               stop = f(ctx, m, n, x, jac=jac)
            end if
            if (stop /= 0) then
               status = ft_stopped
               return
            end if
            known = .true.
         end if
         call load(m, n, ld, jac, a, vec(:n, square), vec(:n, unit))
         do k = 1, n
            if (.not. vec(k, square) <= huge(radius)) then
               status = ft_jacobian_not_finite
               return
            end if
            vec(k, length_of) = vec(k, unit)*sqrt(vec(k, square))
         end do
         call load(m, 1_c_ptrdiff_t, ld, r, a(:, n + 1), vec(n + 1:, square), vec(n + 1:, unit))
         call factor(n, ld, a, vec(:, square), vec(:, unit), mat(:, :, triangle), vec(:n, head), &
            list(:, order))
         cosine = 0
         optimality = 0
         do k = 1, n
            j = list(k, order)
            vec(j, gradient) = 0
            do i = 1, k
               vec(j, gradient) = vec(j, gradient) + mat(i, k, triangle)*vec(i, head)
            end do
            list(j, held) = 0
            if (present(lb)) then
               if (x(j) <= lb(j) .and. vec(j, gradient) > 0) list(j, held) = 1
               if (x(j) >= ub(j) .and. vec(j, gradient) < 0) list(j, held) = 1
               if (list(j, held) /= 0) cycle
            end if
            optimality = max(optimality, abs(vec(j, gradient)))
            if (length_r == 0 .or. vec(j, length_of) == 0) cycle
            cosine = max(cosine, abs(vec(j, gradient))/vec(j, length_of)/length_r)
         end do
      end subroutine linearise

      subroutine set_scaling()
         !! Scale the parameters by their typical sizes, or by the longest columns so far.
         if (first) then
            vec(:n, scaling) = vec(:n, length_of)
            do k = 1, n
               if (present(x_scale)) vec(k, scaling) = 1/x_scale(k)
               if (vec(k, scaling) == 0) vec(k, scaling) = 1
            end do
            length_x = scaled_length(x)
            radius = factor_x*length_x
            if (radius == 0) radius = factor_x
         else if (.not. present(x_scale)) then
            do k = 1, n
               vec(k, scaling) = max(vec(k, scaling), vec(k, length_of))
            end do
         end if
      end subroutine set_scaling

      subroutine find_step()
         !! Choose the trial point; predict what it does to the sum of squares.
         projected = .false.
         if (present(lb)) then
            call bounded_step(n, ld2, mat(:, :, triangle), vec(:n, head), list(:, order), &
               vec(:n, scaling), vec(:n, gradient), list(:, held), x, lb, ub, radius, damping, &
               vec(:n, step), projected, b, mat(:, :, damped), mat(:, :, box), &
               vec(:, box_vectors:), list(:, box_lists:))
            do k = 1, n
               vec(k, point) = min(max(x(k) + vec(k, step), lb(k)), ub(k))
            end do
         else
            do k = 1, n
               vec(k, permuted) = vec(list(k, order), scaling)
            end do
            call damped_step(n, mat(:, :, triangle), vec(:n, permuted), vec(:n, head), radius, &
               damping, vec(:n, move), mat(:, :, damped), vec(:n, spare), vec(:n, spare2))
            do k = 1, n
               vec(list(k, order), step) = -vec(k, move)
            end do
            do k = 1, n
               vec(k, point) = x(k) + vec(k, step)
            end do
         end if
         length_s = scaled_length(vec(:n, step))
         call image(n, mat(:, :, triangle), list(:, order), vec(:n, step), vec(:n, spare))
         slope = -(norm(n, vec(:n, spare))/length_r)**2
         if (projected) then
            predicted = slope
            slope = dot_product(vec(:n, gradient), vec(:n, step))/length_r/length_r
            predicted = predicted - 2*slope
         else
            predicted = damping*(length_s/length_r)**2
            slope = slope - predicted
            predicted = predicted - slope
         end if
      end subroutine find_step

      subroutine judge()
         !! Compare what the step did with what was predicted; fit the radius to that.
         real(dp) :: shrink

         actual = -1
         if (0.1_dp*length_t < length_r) actual = 1 - (length_t/length_r)**2
         ratio = 0
         if (predicted > 0) ratio = actual/predicted
         if (ratio <= poor) then
            shrink = 0.5_dp
            if (actual < 0) shrink = 0.5_dp*slope/(slope + 0.5_dp*actual)
            if (.not. 0.1_dp*length_t < length_r) shrink = 0.1_dp
            shrink = max(shrink, 0.1_dp)
            radius = shrink*min(radius, 10*length_s)
            damping = damping/shrink
         else if (damping == 0 .or. ratio >= good) then
            ! A step that bounds cut short says nothing against the radius.
            if (projected) radius = max(radius, 2*length_s)
            if (.not. projected) radius = 2*length_s
            damping = 0.5_dp*damping
         end if
      end subroutine judge

      subroutine test()
         !! See whether to stop.
         logical :: flat

         ! Where roundoff is all that changes, the ratio says nothing.
         flat = abs(actual) <= ftol .and. predicted <= ftol &
            .and. (ratio <= 2 .or. abs(actual) <= 10*eps)
         if (flat) status = ft_ftol
         if (radius <= xtol*length_x) status = merge(ft_xtol_and_ftol, ft_xtol, flat)
         if (status /= ft_ok) return
         if (nfev >= max_nfev) status = ft_max_evaluations
         if (max(abs(actual), predicted) <= eps) status = ft_ftol_too_small
         if (radius <= eps*length_x) status = ft_xtol_too_small
         if (cosine <= eps) status = ft_gtol_too_small
      end subroutine test

      real(dp) function scaled_length(y)
         !! The length of `D y`.
         real(dp), intent(in) :: y(n) !! parameters or a step

         do k = 1, n
            vec(k, spare) = vec(k, scaling)*y(k)
         end do
         scaled_length = norm(n, vec(:n, spare))
      end function scaled_length
   end subroutine search
end module ferrotran_least_squares_search
