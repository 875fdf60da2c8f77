! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_bounds
   !! The step of Levenberg and Marquardt inside a box.
   !!
   !! Parameters at a bound that the gradient pushes outward are held. The others take the step
   !! of the trust region. Where that leaves the box, the step starts along the projected
   !! gradient, keeps the bounds met there, and goes on towards the step of the free parameters,
   !! adding bounds, as long as the model falls. The projected method of Kanzow, Yamashita and
   !! Fukushima, *J. Comput. Appl. Math.* 172 (2004) 375, doi:10.1016/j.cam.2004.02.013, within
   !! the frame of Conn, Gould and Toint, *SIAM J. Numer. Anal.* 25 (1988) 433,
   !! doi:10.1137/0725029, which gives convergence.
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
   integer(c_ptrdiff_t), parameter :: move = 5 !! vector: their step in that order
   integer(c_ptrdiff_t), parameter :: spare = 6 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: spare2 = 7 !! vector: workspace
   integer(c_ptrdiff_t), parameter :: target = 8 !! vector: step that ignores the bounds
   integer(c_ptrdiff_t), parameter :: clipped = 9 !! vector: the same, projected on the box
   integer(c_ptrdiff_t), parameter :: vectors2 = 9 !! number of vectors
   integer(c_ptrdiff_t), parameter :: fixed = 1 !! list: 1 where a parameter stays as `step` has it
   integer(c_ptrdiff_t), parameter :: others = 2 !! list: the free parameters
   integer(c_ptrdiff_t), parameter :: order = 3 !! list: order of their triangle
   integer(c_ptrdiff_t), parameter :: lists2 = 3 !! number of lists

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
      real(dp) :: by
      real(dp) :: by_clipped
      real(dp) :: by_target
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: pass

      step = 0
      list(:, fixed) = held
      projected = any(held /= 0)
      call free_step(n, ld, r, q, pivot, d, step, radius, damping, vec(:n, target), a, u, r2, &
         vec, list)
      if (inside(n, x, vec(:n, target), lb, ub)) then
         step = vec(:n, target)
         return
      end if

      projected = .true.
      call along_gradient(n, r, pivot, d, g, held, x, lb, ub, radius, step, vec(:, spare), &
         vec(:, spare2))
      call decrease(n, r, pivot, g, step, vec(:, spare), by)
      do pass = 1, n
         do j = 1, n
            list(j, fixed) = held(j)
            if (step(j) <= lb(j) - x(j) .or. step(j) >= ub(j) - x(j)) list(j, fixed) = 1
         end do
         if (all(list(:, fixed) /= 0)) exit
         call free_step(n, ld, r, q, pivot, d, step, radius, damping, vec(:n, target), a, u, r2, &
            vec, list)
         do j = 1, n
            vec(j, clipped) = min(max(vec(j, target), lb(j) - x(j)), ub(j) - x(j))
         end do
         call decrease(n, r, pivot, g, vec(:n, clipped), vec(:, spare), by_clipped)
         if (.not. inside(n, x, vec(:n, target), lb, ub)) then
            call cut_short(n, x, lb, ub, step, vec(:n, target))
            call decrease(n, r, pivot, g, vec(:n, target), vec(:, spare), by_target)
            if (by_clipped < by_target) then
               vec(:n, clipped) = vec(:n, target)
               by_clipped = by_target
            end if
         end if
         if (.not. by_clipped > by) exit
         by = by_clipped
         step = vec(:n, clipped)
      end do
   end subroutine bounded_step

   pure subroutine free_step(n, ld, r, q, pivot, d, step, radius, damping, to, a, u, r2, vec, list)
      !! Complete the step of the fixed parameters by the best of the others, bounds ignored.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      integer(c_ptrdiff_t), intent(in) :: ld !! `n` in whole blocks
      real(dp), intent(in) :: r(n, n) !! triangle of the Jacobian
      real(dp), intent(in) :: q(n) !! head of `Q^T` residuals
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns of `r`
      real(dp), intent(in) :: d(n) !! scaling
      real(dp), intent(in) :: step(n) !! that of the fixed parameters counts
      real(dp), intent(in) :: radius !! of the trust region
      real(dp), intent(inout) :: damping !! first guess, and the one that was used
      real(dp), intent(out) :: to(n) !! the whole step
      real(dp), intent(out) :: a(ld, n + 1) !! workspace
      real(dp), intent(out) :: u(n, n) !! workspace
      real(dp), intent(out) :: r2(n, n) !! workspace
      real(dp), intent(inout) :: vec(n + 1, vectors2) !! workspace
      integer(c_ptrdiff_t), intent(inout) :: list(n, lists2) !! which are fixed; workspace
      integer(c_ptrdiff_t) :: free
      integer(c_ptrdiff_t) :: k

      free = 0
      do k = 1, n
         if (list(pivot(k), fixed) /= 0) cycle
         free = free + 1
         list(free, others) = pivot(k)
         list(free, order) = free
      end do
      to = step
      if (free == 0) return
      if (free < n) then
         call select_columns(n, ld, r, q, pivot, list(:, fixed), step, a)
         do k = 1, free + 1
            vec(k, square) = squares(n, a(:, k))
            vec(k, unit) = 1
         end do
         call factor(free, ld, a, vec(:, square), vec(:, unit), r2, vec(:, head), list(:, order))
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
      do k = 1, free
         to(list(list(k, order), others)) = -vec(k, move)
      end do
   end subroutine free_step

   pure logical function inside(n, x, step, lb, ub)
      !! Whether `x + step` is in the box.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: x(n) !! parameters
      real(dp), intent(in) :: step(n) !! step
      real(dp), intent(in) :: lb(n) !! lower bounds
      real(dp), intent(in) :: ub(n) !! upper bounds
      integer(c_ptrdiff_t) :: j

      inside = .true.
      do j = 1, n
         if (x(j) + step(j) < lb(j) .or. x(j) + step(j) > ub(j)) inside = .false.
      end do
   end function inside

   pure subroutine cut_short(n, x, lb, ub, step, to)
      !! Move `to` on the line from `step` back to the first bound.
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: x(n) !! parameters
      real(dp), intent(in) :: lb(n) !! lower bounds
      real(dp), intent(in) :: ub(n) !! upper bounds
      real(dp), intent(in) :: step(n) !! inside the box
      real(dp), intent(inout) :: to(n) !! outside
      real(dp) :: bound
      real(dp) :: part
      real(dp) :: stop_at
      integer(c_ptrdiff_t) :: first
      integer(c_ptrdiff_t) :: j

      part = 1
      stop_at = 0
      first = 0
      do j = 1, n
         bound = min(max(to(j), lb(j) - x(j)), ub(j) - x(j))
         if (bound == to(j)) cycle
         if (bound - step(j) < part*(to(j) - step(j)) .eqv. to(j) > step(j)) then
            part = (bound - step(j))/(to(j) - step(j))
            first = j
            stop_at = bound
         end if
      end do
      do j = 1, n
         to(j) = min(max(step(j) + part*(to(j) - step(j)), lb(j) - x(j)), ub(j) - x(j))
      end do
      ! Roundoff must not leave it short of the bound.
      if (first > 0) to(first) = stop_at
   end subroutine cut_short

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
