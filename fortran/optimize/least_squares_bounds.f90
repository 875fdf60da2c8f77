! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_bounds
   !! The step of Levenberg and Marquardt inside a box.
   !!
   !! Parameters at a bound that the gradient pushes outward are held. The others take the step
   !! of the trust region; those that it carries over a bound stop there, and the rest takes the
   !! step again. As in the projected method of Kanzow, Yamashita and Fukushima, *J. Comput.
   !! Appl. Math.* 172 (2004) 375, doi:10.1016/j.cam.2004.02.013, a step that does too little is
   !! replaced by one along the projected gradient; the model decides, as in Conn, Gould and
   !! Toint, *SIAM J. Numer. Anal.* 25 (1988) 433, doi:10.1137/0725029.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_qr, only: factor
   use ferrotran_least_squares_step, only: damped_step
   use ferrotran_least_squares_vector, only: norm, squares
   implicit none (type, external)
   private
   public :: bounded_step, image
   public :: matrices2, vectors2, lists2

   ! Columns of the workspace.
   integer(c_ptrdiff_t), parameter :: matrices2 = 1 !! number of matrices
   integer(c_ptrdiff_t), parameter :: square = 1 !! vector: sums of squares of the free columns
   integer(c_ptrdiff_t), parameter :: unit = 2 !! vector: ones
   integer(c_ptrdiff_t), parameter :: head = 3 !! vector: right-hand side of their triangle
   integer(c_ptrdiff_t), parameter :: permuted = 4 !! vector: scaling in their order
   integer(c_ptrdiff_t), parameter :: move = 5 !! vector: their step; that along the gradient
   integer(c_ptrdiff_t), parameter :: spare = 6 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: spare2 = 7 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: vectors2 = 7 !! number of vectors
   integer(c_ptrdiff_t), parameter :: fixed = 1 !! list: 1 where a parameter stays as `step` has it
   integer(c_ptrdiff_t), parameter :: others = 2 !! list: the free parameters
   integer(c_ptrdiff_t), parameter :: order = 3 !! list: order of their triangle
   integer(c_ptrdiff_t), parameter :: lists2 = 3 !! number of lists

   real(dp), parameter :: share = 0.1_dp !! of the gradient's decrease that a step must reach
   real(dp), parameter :: sufficient = 0.01_dp !! of the slope, for a point on the gradient's path
   integer, parameter :: halvings = 40 !! of the path
contains
   pure subroutine bounded_step(n, ld, r, q, pivot, d, g, held, x, lb, ub, radius, damping, step, &
      projected, a, u, r2, vec, list)
      !! Find a step from `x` that stays in the box.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      integer(c_ptrdiff_t), intent(in) :: ld !! `n` in whole blocks
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      real(dp), intent(in) :: q(n) !! head of `Q^T` residuals
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns of `r`
      real(dp), intent(in) :: d(n) !! scaling
      real(dp), intent(in) :: g(n) !! gradient
      integer(c_ptrdiff_t), intent(in) :: held(n) !! 1: the parameter does not move
      real(dp), intent(in) :: x(n) !! parameters
      real(dp), intent(in) :: lb(n) !! lower bounds
      real(dp), intent(in) :: ub(n) !! upper bounds
      real(dp), intent(in) :: radius !! of the trust region
      real(dp), intent(inout) :: damping !! first guess, and the one that was used
      real(dp), intent(out) :: step(n) !! the step
      logical, intent(out) :: projected !! whether a bound shaped it
      real(dp), intent(out) :: a(ld, n + 1) !! workspace
      real(dp), intent(out) :: u(n, n) !! workspace
      real(dp), intent(out) :: r2(n, n) !! workspace: triangle of the free columns
      real(dp), intent(inout) :: vec(n + 1, vectors2) !! workspace
      integer(c_ptrdiff_t), intent(inout) :: list(n, lists2) !! workspace
      real(dp) :: reached
      real(dp) :: wanted
      integer(c_ptrdiff_t) :: free
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k
      integer(c_ptrdiff_t) :: pass
      logical :: hit

      step = 0
      list(:, fixed) = held
      projected = .false.
      do pass = 1, n
         free = 0
         do k = 1, n
            if (list(pivot(k), fixed) /= 0) cycle
            free = free + 1
            list(free, others) = pivot(k)
            list(free, order) = free
         end do
         if (free < n) projected = .true.
         if (free == 0) exit
         if (free < n) then
            call select_columns(n, ld, r, q, pivot, list(:, fixed), step, a)
            do k = 1, free + 1
               vec(k, square) = squares(n, a(:, k))
               vec(k, unit) = 1
            end do
            call factor(free, ld, a, vec(:, square), vec(:, unit), r2, vec(:, head), &
               list(:, order))
         end if
         do k = 1, free
            vec(k, permuted) = d(list(list(k, order), others))
         end do
         if (free < n) then
            call damped_step(free, r2, vec(:, permuted), vec(:, head), radius, damping, &
               vec(:, move), u, vec(:, spare), vec(:, spare2))
         else
            call damped_step(free, r, vec(:, permuted), q, radius, damping, vec(:, move), u, &
               vec(:, spare), vec(:, spare2))
         end if
         hit = .false.
         do k = 1, free
            j = list(list(k, order), others)
            step(j) = -vec(k, move)
            if (x(j) + step(j) < lb(j)) then
               step(j) = lb(j) - x(j)
            else if (x(j) + step(j) > ub(j)) then
               step(j) = ub(j) - x(j)
            else
               cycle
            end if
            list(j, fixed) = 1
            hit = .true.
         end do
         if (.not. hit) exit
         projected = .true.
      end do
      if (.not. projected) return
      call along_gradient(n, r, pivot, d, g, held, x, lb, ub, radius, vec(:, move), &
         vec(:, spare), vec(:, spare2))
      call decrease(n, r, pivot, g, vec(:, move), vec(:, spare), wanted)
      call decrease(n, r, pivot, g, step, vec(:, spare), reached)
      if (reached < share*wanted) step = vec(:n, move)
   end subroutine bounded_step

   pure subroutine select_columns(n, ld, r, q, pivot, state, step, a)
      !! Gather the columns of `r` whose parameters are free, and behind them the residuals once
      !! the others have moved.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      integer(c_ptrdiff_t), intent(in) :: ld !! `n` in whole blocks
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      real(dp), intent(in) :: q(n) !! head of `Q^T` residuals
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns of `r`
      integer(c_ptrdiff_t), intent(in) :: state(n) !! 0: free
      real(dp), intent(in) :: step(n) !! of the others
      real(dp), intent(inout) :: a(ld, n + 1) !! columns and residuals
      integer(c_ptrdiff_t) :: c
      integer(c_ptrdiff_t) :: k

      c = 0
      do k = 1, n
         if (state(pivot(k)) == 0) c = c + 1
      end do
      a(:n, c + 1) = q
      a(n + 1:, c + 1) = 0
      c = c + 1
      do k = n, 1, -1
         if (state(pivot(k)) == 0) cycle
         a(:k, c) = a(:k, c) + r(:k, k)*step(pivot(k))
      end do
      c = 0
      do k = 1, n
         if (state(pivot(k)) /= 0) cycle
         c = c + 1
         a(:k, c) = r(:k, k)
         a(k + 1:, c) = 0
      end do
   end subroutine select_columns

   pure subroutine along_gradient(n, r, pivot, d, g, held, x, lb, ub, radius, c, e, z)
      !! The step `c` along the projected scaled gradient that decreases the model enough.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns of `r`
      real(dp), intent(in) :: d(n) !! scaling
      real(dp), intent(in) :: g(n) !! gradient
      integer(c_ptrdiff_t), intent(in) :: held(n) !! 1: the parameter does not move
      real(dp), intent(in) :: x(n) !! parameters
      real(dp), intent(in) :: lb(n) !! lower bounds
      real(dp), intent(in) :: ub(n) !! upper bounds
      real(dp), intent(in) :: radius !! of the trust region
      real(dp), intent(out) :: c(n) !! the step
      real(dp), intent(out) :: e(n) !! workspace
      real(dp), intent(out) :: z(n) !! workspace: the direction
      real(dp) :: by
      real(dp) :: curvature
      real(dp) :: slope
      real(dp) :: t
      integer(c_ptrdiff_t) :: j
      integer :: trial

      do j = 1, n
         z(j) = 0
         if (held(j) == 0) z(j) = -g(j)/d(j)/d(j)
      end do
      c = 0
      e = d*z
      t = norm(n, e)
      if (t == 0) return
      t = radius/t
      slope = -dot_product(g, z)
      call image(n, r, pivot, z, e)
      curvature = dot_product(e, e)
      if (slope < t*curvature) t = slope/curvature
      do trial = 1, halvings
         do j = 1, n
            c(j) = min(max(x(j) + t*z(j), lb(j)), ub(j)) - x(j)
         end do
         call decrease(n, r, pivot, g, c, e, by)
         if (by >= -sufficient*dot_product(g, c)) exit
         t = t/2
      end do
   end subroutine along_gradient

   pure subroutine image(n, r, pivot, s, e)
      !! `e = J s`, but for an orthogonal factor.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of its columns
      real(dp), intent(in) :: s(n) !! step
      real(dp), intent(out) :: e(n) !! image
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: k

      do k = 1, n
         e(k) = 0
      end do
      do k = 1, n
         do i = 1, k
            e(i) = e(i) + r(i, k)*s(pivot(k))
         end do
      end do
   end subroutine image

   pure subroutine decrease(n, r, pivot, g, s, e, by)
      !! By how much the model of half the sum of squares falls with the step `s`.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of its columns
      real(dp), intent(in) :: g(n) !! gradient
      real(dp), intent(in) :: s(n) !! step
      real(dp), intent(out) :: e(n) !! workspace
      real(dp), intent(out) :: by !! decrease

      call image(n, r, pivot, s, e)
      by = -dot_product(g, s) - 0.5_dp*dot_product(e, e)
   end subroutine decrease
end module ferrotran_least_squares_bounds
