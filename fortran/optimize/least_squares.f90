! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares
   !! Nonlinear least squares by the Levenberg-Marquardt method in a trust region.
   !!
   !! J. J. More, *The Levenberg-Marquardt algorithm: implementation and theory*, Lecture Notes
   !! in Mathematics 630 (1978) 105, doi:10.1007/BFb0067700.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_ptr, c_ptrdiff_t, &
      dp => c_double
   use ferrotran_least_squares_covariance, only: covariance, nan, rank_of
   use ferrotran_least_squares_jacobian, only: residuals
   use ferrotran_least_squares_search, only: damped, length_of, lists, matrices, order, search, &
      triangle, vectors
   use ferrotran_least_squares_vector, only: lanes
   use ferrotran_status, only: ft_invalid_argument, ft_ok
   implicit none (type, external)
   private
   public :: ft_least_squares_f64, ft_least_squares_work_f64, ft_least_squares_iwork_f64
contains
   pure function ft_least_squares_work_f64(m, n) result(size) bind(c)
      !! Elements of `work`.
      integer(c_ptrdiff_t), intent(in), value :: m !! residuals
      integer(c_ptrdiff_t), intent(in), value :: n !! parameters
      integer(c_ptrdiff_t) :: size

      size = padded(m)*(n + 2) + padded(n)*(n + 1) + matrices*n*n + vectors*(n + 1)
   end function ft_least_squares_work_f64

   pure function ft_least_squares_iwork_f64(n) result(size) bind(c)
      !! Elements of `iwork`.
      integer(c_ptrdiff_t), intent(in), value :: n !! parameters
      integer(c_ptrdiff_t) :: size

      size = lists*n
   end function ft_least_squares_iwork_f64

   pure function padded(m) result(ld)
      !! `m` rounded up to whole blocks, at least one.
      integer(c_ptrdiff_t), intent(in) :: m !! rows
      integer(c_ptrdiff_t) :: ld

      ld = max(1_c_ptrdiff_t, (m + lanes - 1)/lanes)*lanes
   end function padded

   recursive subroutine ft_least_squares_f64(f, ctx, m, n, x, lb, ub, x_scale, together, &
      diff_step, ftol, xtol, gtol, factor, max_nfev, r, jac, cov, rank, cost, optimality, nfev, &
      njev, work, iwork, status) bind(c)
      !! Minimise half the sum of the squares of the residuals, from `x`.
      type(c_funptr), intent(in), value :: f !! a `residuals`
      type(c_ptr), intent(in), value :: ctx !! handed to `f`
      integer(c_ptrdiff_t), intent(in), value :: m !! residuals
      integer(c_ptrdiff_t), intent(in), value :: n !! parameters, at most `m`
      real(dp), intent(inout) :: x(n) !! start, then the best parameters found
      real(dp), intent(in), optional :: lb(n) !! lower bounds, with `ub`
      real(dp), intent(in), optional :: ub(n) !! upper bounds
      real(dp), intent(in), optional :: x_scale(n) !! typical sizes; else from the derivatives
      integer(c_int), intent(in), value :: together !! nonzero: derivatives with all residuals
      real(dp), intent(in), value :: diff_step !! relative step of differences; 0: `f` has jac
      real(dp), intent(in), value :: ftol !! relative change of the sum of squares
      real(dp), intent(in), value :: xtol !! relative change of the parameters
      real(dp), intent(in), value :: gtol !! cosine between residuals and a column
      real(dp), intent(in), value :: factor !! first radius of the trust region over `|D x|`
      integer(c_ptrdiff_t), intent(in), value :: max_nfev !! most evaluations
      real(dp), intent(out) :: r(m) !! residuals at `x`
      real(dp), intent(out) :: jac(m, n) !! derivatives at `x`
      real(dp), intent(out), optional :: cov(n, n) !! inverse of `jac^T jac`
      integer(c_ptrdiff_t), intent(out) :: rank !! of `jac`
      real(dp), intent(out) :: cost !! half the sum of squares
      real(dp), intent(out) :: optimality !! largest element of the gradient, but for held ones
      integer(c_ptrdiff_t), intent(out) :: nfev !! evaluations of residuals
      integer(c_ptrdiff_t), intent(out) :: njev !! evaluations of derivatives
      real(dp), intent(out) :: work(ft_least_squares_work_f64(m, n)) !! workspace
      integer(c_ptrdiff_t), intent(out) :: iwork(ft_least_squares_iwork_f64(n)) !! workspace
      integer(c_int), intent(out) :: status !! the reason to stop
      procedure(residuals), pointer :: evaluate
      real(dp) :: length
      integer(c_ptrdiff_t) :: box
      integer(c_ptrdiff_t) :: ld
      integer(c_ptrdiff_t) :: mat
      integer(c_ptrdiff_t) :: trial
      integer(c_ptrdiff_t) :: vec

      nfev = 0
      njev = 0
      rank = 0
      cost = nan()
      optimality = nan()
      if (present(cov)) cov = nan()
      status = ft_invalid_argument
      if (n < 0 .or. m < n .or. max_nfev < 1) return
      if (.not. (factor > 0 .and. diff_step >= 0)) return
      if (ftol /= ftol .or. xtol /= xtol .or. gtol /= gtol) return
      if (present(lb) .neqv. present(ub)) return

      status = ft_ok
      call c_f_procpointer(f, evaluate)
      ld = padded(m)
      trial = 1 + ld*(n + 1)
      box = trial + ld
      mat = box + padded(n)*(n + 1)
      vec = mat + matrices*n*n
      call search(evaluate, ctx, m, n, ld, padded(n), x, lb, ub, x_scale, &
         together /= 0 .and. diff_step == 0, diff_step, ftol, xtol, gtol, factor, max_nfev, r, &
         jac, length, optimality, nfev, njev, work, work(trial), work(box), work(mat), &
         work(vec), iwork, status)
      cost = 0.5_dp*length*length
      if (optimality /= optimality) return
      rank = rank_of(m, n, work(mat + (triangle - 1)*n*n), iwork(1 + (order - 1)*n), &
         work(vec + (length_of - 1)*(n + 1)))
      if (rank == n .and. present(cov)) then
         call covariance(n, work(mat + (triangle - 1)*n*n), iwork(1 + (order - 1)*n), &
            work(mat + (damped - 1)*n*n), cov)
      end if
   end subroutine ft_least_squares_f64
end module ferrotran_least_squares
