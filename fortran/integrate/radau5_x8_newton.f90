! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_x8_newton
   !! The simplified Newton iteration of RADAU5 for 8 members side by side.
   !!
   !! Each lane has the operations of `ferrotran_radau5_newton` in their order, thus their bits,
   !! and rests when it has converged or failed; resting lanes offer their state to `f`.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_newton, only: most, quick, small
   use ferrotran_radau5_state, only: eps, field, lambda, largest, mu_im, mu_re, node, to_w, to_z
   use ferrotran_radau5_x8_matrix, only: lanes, solve, solve_complex
   implicit none (type, external)
   private
   public :: iterate
contains
   recursive subroutine iterate(f, ctx, n, npar, p, active, t, h, y, tolerance, enough, a, re, im, &
      pivot, stage, r, z, w, rate, theta, iterations, evaluations, shrink, stop)
      !! Solve for the stages of the active lanes; `z` and `w` hold a guess on entry.
      procedure(field) :: f !! the right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(lanes, npar) !! parameters
      integer(ip), intent(in) :: active(lanes) !! 1: to be solved for
      real(dp), intent(in) :: t(lanes) !! starts of the steps
      real(dp), intent(in) :: h(lanes) !! steps
      real(dp), intent(in) :: y(lanes, n) !! states at `t`
      real(dp), intent(in) :: tolerance(lanes, n) !! reciprocal tolerances
      real(dp), intent(in) :: enough !! error that the iteration may leave, in tolerances
      real(dp), intent(in) :: a(lanes, n, n) !! factors of the real matrices
      real(dp), intent(in) :: re(lanes, n, n) !! of the complex ones
      real(dp), intent(in) :: im(lanes, n, n) !! their imaginary parts
      integer(ip), intent(in) :: pivot(lanes, n, 2) !! exchanges
      real(dp), intent(inout) :: stage(lanes, n) !! scratch
      real(dp), intent(inout) :: r(lanes, n, 3) !! scratch
      real(dp), intent(inout) :: z(lanes, n, 3) !! stages less `y`
      real(dp), intent(inout) :: w(lanes, n, 3) !! the same transformed
      real(dp), intent(inout) :: rate(lanes) !! theta/(1 - theta), kept from step to step
      real(dp), intent(inout) :: theta(lanes) !! rate of convergence
      integer(ip), intent(out) :: iterations(lanes) !! iterations that were made
      integer(ip), intent(inout) :: evaluations(lanes) !! grow by those of `f`
      real(dp), intent(out) :: shrink(lanes) !! 0: converged; else the factor of the next step
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: before(lanes)
      real(dp) :: norm(lanes)
      real(dp) :: now(lanes)
      real(dp) :: per_h(lanes)
      real(dp) :: ratio(lanes)
      real(dp) :: ratio_before(lanes)
      real(dp) :: at(lanes)
      real(dp) :: r1
      real(dp) :: r2
      real(dp) :: r3
      real(dp) :: w1
      real(dp) :: w2
      real(dp) :: w3
      integer(ip) :: i
      integer(ip) :: l
      integer(ip) :: live(lanes)
      integer :: j
      integer :: k

      do l = 1, lanes
         live(l) = active(l)
         per_h(l) = 1/h(l)
         rate(l) = merge(sqrt(max(rate(l), eps))*sqrt(sqrt(max(rate(l), eps))), rate(l), &
            active(l) /= 0)
         theta(l) = merge(quick, theta(l), active(l) /= 0)
         shrink(l) = 0.5_dp
         before(l) = 0
         ratio_before(l) = 0
         iterations(l) = 0
      end do
      do k = 1, most
         do j = 1, 3
            do i = 1, n
               do l = 1, lanes
                  stage(l, i) = merge(y(l, i) + z(l, i, j), y(l, i), live(l) /= 0)
               end do
            end do
            do l = 1, lanes
               at(l) = merge(t(l) + node(j)*h(l), t(l), live(l) /= 0)
            end do
            stop = f(ctx, lanes, n, at, stage, r(:, :, j), p)
            if (stop /= 0) return
         end do
         do l = 1, lanes
            evaluations(l) = evaluations(l) + 3*live(l)
            iterations(l) = iterations(l) + live(l)
         end do
         do i = 1, n
            do l = 1, lanes
               w2 = (mu_re*w(l, i, 2) - mu_im*w(l, i, 3))*per_h(l)
               w3 = (mu_im*w(l, i, 2) + mu_re*w(l, i, 3))*per_h(l)
               r1 = to_w(1, 1)*r(l, i, 1) + to_w(1, 2)*r(l, i, 2) + to_w(1, 3)*r(l, i, 3) &
                  - lambda*w(l, i, 1)*per_h(l)
               r2 = to_w(2, 1)*r(l, i, 1) + to_w(2, 2)*r(l, i, 2) + to_w(2, 3)*r(l, i, 3) - w2
               r3 = to_w(3, 1)*r(l, i, 1) + to_w(3, 2)*r(l, i, 2) + to_w(3, 3)*r(l, i, 3) - w3
               r(l, i, 1) = r1
               r(l, i, 2) = r2
               r(l, i, 3) = r3
            end do
         end do
         call solve(n, a, pivot(:, :, 1), r(:, :, 1))
         call solve_complex(n, re, im, pivot(:, :, 2), r(:, :, 2), r(:, :, 3))
         norm = 0
         do i = 1, n
            do l = 1, lanes
               norm(l) = norm(l) + (r(l, i, 1)**2 + r(l, i, 2)**2 + r(l, i, 3)**2) &
                  *tolerance(l, i)**2
            end do
         end do
         do l = 1, lanes
            norm(l) = sqrt(norm(l)/(3*n))
            shrink(l) = merge(0.25_dp, shrink(l), live(l) /= 0 .and. .not. norm(l) <= largest)
            live(l) = merge(live(l), 0_ip, norm(l) <= largest)
         end do
         if (k > 1) then
            do l = 1, lanes
               ratio(l) = norm(l)/before(l)
               now(l) = ratio(l)
            end do
            if (k > 2) then
               do l = 1, lanes
                  now(l) = sqrt(ratio(l)*ratio_before(l))
               end do
            end if
            do l = 1, lanes
               ratio_before(l) = ratio(l)
               ratio(l) = now(l)/(1 - now(l))
            end do
            do l = 1, lanes
               theta(l) = merge(now(l), theta(l), live(l) /= 0)
               live(l) = merge(live(l), 0_ip, now(l) < 0.99_dp)
               rate(l) = merge(ratio(l), rate(l), live(l) /= 0)
            end do
            if (k < most) call predict(k, enough, norm, rate, theta, live, shrink)
         end if
         do l = 1, lanes
            before(l) = max(norm(l), eps)
         end do
         do i = 1, n
            do l = 1, lanes
               w1 = merge(w(l, i, 1) + r(l, i, 1), w(l, i, 1), live(l) /= 0)
               w2 = merge(w(l, i, 2) + r(l, i, 2), w(l, i, 2), live(l) /= 0)
               w3 = merge(w(l, i, 3) + r(l, i, 3), w(l, i, 3), live(l) /= 0)
               w(l, i, 1) = w1
               w(l, i, 2) = w2
               w(l, i, 3) = w3
               r1 = to_z(1, 1)*w1 + to_z(1, 2)*w2 + to_z(1, 3)*w3
               r2 = to_z(2, 1)*w1 + to_z(2, 2)*w2 + to_z(2, 3)*w3
               z(l, i, 1) = merge(r1, z(l, i, 1), live(l) /= 0)
               z(l, i, 2) = merge(r2, z(l, i, 2), live(l) /= 0)
               z(l, i, 3) = merge(w1 + w2, z(l, i, 3), live(l) /= 0)
            end do
         end do
         do l = 1, lanes
            shrink(l) = merge(0.0_dp, shrink(l), live(l) /= 0 .and. rate(l)*norm(l) <= enough &
               .and. norm(l) < small)
            live(l) = merge(live(l), 0_ip, shrink(l) > 0)
         end do
         if (sum(live) == 0) return
      end do
   end subroutine iterate

   pure subroutine predict(k, enough, norm, rate, theta, live, shrink)
      !! Give up the lanes that will not converge in time.
      integer, intent(in) :: k !! iterations so far
      real(dp), intent(in) :: enough !! error that the iteration may leave
      real(dp), intent(in) :: norm(lanes) !! last corrections
      real(dp), intent(in) :: rate(lanes) !! theta/(1 - theta)
      real(dp), intent(in) :: theta(lanes) !! rates of convergence
      integer(ip), intent(inout) :: live(lanes) !! 1: still iterating
      real(dp), intent(inout) :: shrink(lanes) !! factors of the next steps of those given up
      real(dp) :: left(lanes)
      integer(ip) :: l
      integer :: j

      do l = 1, lanes
         left(l) = rate(l)*norm(l)/enough
      end do
      do j = k, most - 2
         do l = 1, lanes
            left(l) = left(l)*theta(l)
         end do
      end do
      do l = 1, lanes
         if (live(l) /= 0 .and. left(l) >= 1) then
            shrink(l) = 0.8_dp*min(20.0_dp, left(l))**(-1.0_dp/(3 + most - k))
            live(l) = 0
         end if
      end do
   end subroutine predict
end module ferrotran_radau5_x8_newton
