! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_newton
   !! The simplified Newton iteration of RADAU5, in the variables in which it falls apart into
   !! one real and one complex system: Hairer and Wanner, *Solving ODEs II*, 1996, IV.8.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_band, only: solve_band, solve_complex_band
   use ferrotran_radau5_full, only: solve, solve_complex
   use ferrotran_radau5_state, only: eps, field, lambda, largest, matrix_rows, mu_im, mu_re, &
      node, one, to_w, to_z
   implicit none (type, external)
   private
   public :: iterate, most, quick, small, solve_real

   integer, parameter :: most = 7 !! iterations
   real(dp), parameter :: small = 0.1_dp !! correction after which the iteration may end
   real(dp), parameter :: quick = 1.0e-3_dp !! rate of convergence at which the Jacobian stays
contains
   recursive subroutine iterate(f, ctx, n, ml, mu, npar, p, t, h, y, tolerance, enough, &
      real_part, re, im, pivot, stage, r, z, w, rate, theta, iterations, evaluations, shrink, stop)
      !! Solve for the three stages; `z` and `w` hold a guess on entry.
      procedure(field) :: f !! the right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(in) :: t !! start of the step
      real(dp), intent(in) :: h !! step
      real(dp), intent(in) :: y(n) !! state at `t`
      real(dp), intent(in) :: tolerance(n) !! reciprocal tolerance of each component
      real(dp), intent(in) :: enough !! error that the iteration may leave, in tolerances
      real(dp), intent(in) :: real_part(matrix_rows(n, ml, mu), n) !! factors of the real matrix
      real(dp), intent(in) :: re(matrix_rows(n, ml, mu), n) !! of the complex one
      real(dp), intent(in) :: im(matrix_rows(n, ml, mu), n) !! its imaginary parts
      integer(ip), intent(in) :: pivot(n, 2) !! their exchanges
      real(dp), intent(inout) :: stage(n) !! scratch
      real(dp), intent(inout) :: r(n, 3) !! scratch
      real(dp), intent(inout) :: z(n, 3) !! the stages less `y`
      real(dp), intent(inout) :: w(n, 3) !! the same transformed
      real(dp), intent(inout) :: rate !! theta/(1 - theta), kept from step to step
      real(dp), intent(out) :: theta !! rate of convergence
      integer, intent(out) :: iterations !! iterations that were made
      integer(ip), intent(inout) :: evaluations !! grows by those of `f`
      real(dp), intent(out) :: shrink !! 0: converged; else the factor of the next step
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: before ! norm of the last correction
      real(dp) :: left ! error to be expected after the last iteration, against `enough`
      real(dp) :: norm
      real(dp) :: per_h
      real(dp) :: ratio
      real(dp) :: ratio_before
      real(dp) :: r1
      real(dp) :: r2
      real(dp) :: r3
      real(dp) :: w2
      real(dp) :: w3
      integer(ip) :: i
      integer :: j
      integer :: k

      per_h = 1/h
      rate = sqrt(max(rate, eps))
      rate = rate*sqrt(rate)
      theta = quick
      before = 0
      ratio_before = 0
      do k = 1, most
         iterations = k
         shrink = 0.5_dp
         do i = 1, 3
            stage = y + z(:, i)
            stop = f(ctx, one, n, [t + node(i)*h], stage, r(:, i), p)
            if (stop /= 0) return
            evaluations = evaluations + 1
         end do
         do i = 1, n
            w2 = (mu_re*w(i, 2) - mu_im*w(i, 3))*per_h
            w3 = (mu_im*w(i, 2) + mu_re*w(i, 3))*per_h
            r1 = to_w(1, 1)*r(i, 1) + to_w(1, 2)*r(i, 2) + to_w(1, 3)*r(i, 3) &
               - lambda*w(i, 1)*per_h
            r2 = to_w(2, 1)*r(i, 1) + to_w(2, 2)*r(i, 2) + to_w(2, 3)*r(i, 3) - w2
            r3 = to_w(3, 1)*r(i, 1) + to_w(3, 2)*r(i, 2) + to_w(3, 3)*r(i, 3) - w3
            r(i, 1) = r1
            r(i, 2) = r2
            r(i, 3) = r3
         end do
         call solve_real(n, ml, mu, real_part, pivot(:, 1), r(:, 1))
         if (ml < 0) then
            call solve_complex(n, re, im, pivot(:, 2), r(:, 2), r(:, 3))
         else
            call solve_complex_band(n, ml, mu, re, im, pivot(:, 2), r(:, 2), r(:, 3))
         end if
         norm = 0
         do i = 1, n
            norm = norm + (r(i, 1)**2 + r(i, 2)**2 + r(i, 3)**2)*tolerance(i)**2
         end do
         norm = sqrt(norm/(3*n))
         if (.not. norm <= largest) then
            shrink = 0.25_dp
            return
         end if
         if (k > 1) then
            ratio = norm/before
            theta = ratio
            if (k > 2) theta = sqrt(ratio*ratio_before)
            ratio_before = ratio
            if (.not. theta < 0.99_dp) return
            rate = theta/(1 - theta)
            left = rate*norm/enough
            do j = k, most - 2
               left = left*theta
            end do
            if (k < most .and. left >= 1) then
               ! It will not converge in time: the step with which it would have.
               shrink = 0.8_dp*min(20.0_dp, left)**(-1.0_dp/(3 + most - k))
               return
            end if
         end if
         before = max(norm, eps)
         do i = 1, n
            w(i, 1) = w(i, 1) + r(i, 1)
            w(i, 2) = w(i, 2) + r(i, 2)
            w(i, 3) = w(i, 3) + r(i, 3)
            z(i, 1) = to_z(1, 1)*w(i, 1) + to_z(1, 2)*w(i, 2) + to_z(1, 3)*w(i, 3)
            z(i, 2) = to_z(2, 1)*w(i, 1) + to_z(2, 2)*w(i, 2) + to_z(2, 3)*w(i, 3)
            z(i, 3) = w(i, 1) + w(i, 2)
         end do
         ! The rate is that of the fastest part; it is believed once little is left to do.
         if (rate*norm <= enough .and. norm < small) then
            shrink = 0
            return
         end if
      end do
   end subroutine iterate

   pure subroutine solve_real(n, ml, mu, real_part, pivot, x)
      !! Solve with the real matrix.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(in) :: real_part(matrix_rows(n, ml, mu), n) !! factors
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(inout) :: x(n) !! the right-hand side; the solution

      if (ml < 0) then
         call solve(n, real_part, pivot, x)
      else
         call solve_band(n, ml, mu, real_part, pivot, x)
      end if
   end subroutine solve_real
end module ferrotran_radau5_newton
