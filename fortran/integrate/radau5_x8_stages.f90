! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_x8_stages
   !! What RADAU5 does with the stages of 8 members side by side: guesses, what the error estimate
   !! is made of, and the way to the next state.
   use, intrinsic :: iso_c_binding, only: dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_state, only: differ, ft_radau5_last_step, ft_radau5_reals, node, &
      to_w, weight
   use ferrotran_radau5_x8_matrix, only: lanes
   implicit none (type, external)
   private
   public :: commit, defects, guess, take, towards
contains
   pure subroutine guess(n, h, has_last, lane, dense, z, w)
      !! Guess the stages by the polynomials of the last steps; zero where there was none.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: h(lanes) !! steps
      integer(ip), intent(in) :: has_last(lanes) !! 1: there is a last step
      real(dp), intent(in) :: lane(lanes, 0:ft_radau5_reals - 1) !! numbers of the members
      real(dp), intent(in) :: dense(lanes, n, 3) !! divided differences
      real(dp), intent(out) :: z(lanes, n, 3) !! stages less the states
      real(dp), intent(out) :: w(lanes, n, 3) !! the same transformed
      real(dp) :: s(lanes, 3)
      real(dp) :: z1
      real(dp) :: z2
      real(dp) :: z3
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: l

      do j = 1, 3
         do l = 1, lanes
            s(l, j) = node(j)*(h(l)/lane(l, ft_radau5_last_step))
         end do
      end do
      do i = 1, n
         do l = 1, lanes
            z1 = s(l, 1)*(dense(l, i, 1) + (s(l, 1) + (1 - node(2)))*(dense(l, i, 2) &
               + (s(l, 1) + (1 - node(1)))*dense(l, i, 3)))
            z2 = s(l, 2)*(dense(l, i, 1) + (s(l, 2) + (1 - node(2)))*(dense(l, i, 2) &
               + (s(l, 2) + (1 - node(1)))*dense(l, i, 3)))
            z3 = s(l, 3)*(dense(l, i, 1) + (s(l, 3) + (1 - node(2)))*(dense(l, i, 2) &
               + (s(l, 3) + (1 - node(1)))*dense(l, i, 3)))
            z(l, i, 1) = z1
            z(l, i, 2) = z2
            z(l, i, 3) = z3
         end do
         do l = 1, lanes
            z(l, i, 1) = merge(z(l, i, 1), 0.0_dp, has_last(l) /= 0)
            z(l, i, 2) = merge(z(l, i, 2), 0.0_dp, has_last(l) /= 0)
            z(l, i, 3) = merge(z(l, i, 3), 0.0_dp, has_last(l) /= 0)
         end do
         do l = 1, lanes
            w(l, i, 1) = to_w(1, 1)*z(l, i, 1) + to_w(1, 2)*z(l, i, 2) + to_w(1, 3)*z(l, i, 3)
            w(l, i, 2) = to_w(2, 1)*z(l, i, 1) + to_w(2, 2)*z(l, i, 2) + to_w(2, 3)*z(l, i, 3)
            w(l, i, 3) = to_w(3, 1)*z(l, i, 1) + to_w(3, 2)*z(l, i, 2) + to_w(3, 3)*z(l, i, 3)
         end do
      end do
   end subroutine guess

   pure subroutine defects(n, rtol, atol, h, y, slope, z, tolerance, sums, defect)
      !! Set what the real matrices turn into error estimates, and the tolerances for them.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(in) :: h(lanes) !! steps
      real(dp), intent(in) :: y(lanes, n) !! states
      real(dp), intent(in) :: slope(lanes, n) !! derivatives there
      real(dp), intent(in) :: z(lanes, n, 3) !! stages less the states
      real(dp), intent(out) :: tolerance(lanes, n) !! reciprocals, by the larger of both states
      real(dp), intent(out) :: sums(lanes, n) !! weighted sums of the stages
      real(dp), intent(out) :: defect(lanes, n) !! these and the derivatives
      integer(ip) :: i
      integer(ip) :: l

      do i = 1, n
         do l = 1, lanes
            tolerance(l, i) = 1/max(atol(i) + rtol*max(abs(y(l, i)), abs(y(l, i) + z(l, i, 3))), &
               tiny(1.0_dp))
            sums(l, i) = (weight(1)*z(l, i, 1) + weight(2)*z(l, i, 2) + weight(3)*z(l, i, 3))/h(l)
            defect(l, i) = sums(l, i) + slope(l, i)
         end do
      end do
   end subroutine defects

   pure subroutine towards(n, wanted, y, z, moved)
      !! Set the states moved by `z` in the wanted lanes; the others stay.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: wanted(lanes) !! 1: to be moved
      real(dp), intent(in) :: y(lanes, n) !! states
      real(dp), intent(in) :: z(lanes, n) !! ways
      real(dp), intent(out) :: moved(lanes, n) !! where they lead
      integer(ip) :: i
      integer(ip) :: l

      do i = 1, n
         do l = 1, lanes
            moved(l, i) = merge(y(l, i) + z(l, i), y(l, i), wanted(l) /= 0)
         end do
      end do
   end subroutine towards

   pure subroutine take(n, wanted, from, to)
      !! Copy the numbers of the wanted lanes.
      integer(ip), intent(in) :: n !! numbers of a lane
      integer(ip), intent(in) :: wanted(lanes) !! 1: to be copied
      real(dp), intent(in) :: from(lanes, n) !! numbers
      real(dp), intent(inout) :: to(lanes, n) !! where they go
      integer(ip) :: i
      integer(ip) :: l

      do i = 1, n
         do l = 1, lanes
            to(l, i) = merge(from(l, i), to(l, i), wanted(l) /= 0)
         end do
      end do
   end subroutine take

   pure subroutine commit(n, done, rtol, atol, z, new, derivative, y, slope, tolerance, dense)
      !! Make the end of the accepted steps the states, and keep their polynomials.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: done(lanes) !! 1: accepted
      real(dp), intent(in) :: rtol !! relative tolerance
      real(dp), intent(in) :: atol(n) !! absolute tolerances
      real(dp), intent(in) :: z(lanes, n, 3) !! stages less the states
      real(dp), intent(in) :: new(lanes, n) !! ends
      real(dp), intent(in) :: derivative(lanes, n) !! derivatives there
      real(dp), intent(inout) :: y(lanes, n) !! states
      real(dp), intent(inout) :: slope(lanes, n) !! derivatives there
      real(dp), intent(inout) :: tolerance(lanes, n) !! reciprocal tolerances there
      real(dp), intent(inout) :: dense(lanes, n, 3) !! divided differences
      real(dp) :: d(lanes, 3)
      real(dp) :: d1
      real(dp) :: d2
      real(dp) :: d3
      real(dp) :: scale(lanes)
      integer(ip) :: i
      integer(ip) :: l

      do i = 1, n
         do l = 1, lanes
            scale(l) = 1/max(atol(i) + rtol*abs(new(l, i)), tiny(1.0_dp))
            d1 = (z(l, i, 3) - z(l, i, 2))*differ(1)
            d2 = (z(l, i, 2) - z(l, i, 1))*differ(2)
            d3 = (d2 - z(l, i, 1)*differ(3))*differ(4)
            d2 = (d1 - d2)*differ(5)
            d(l, 1) = d1
            d(l, 2) = d2
            d(l, 3) = d2 - d3
         end do
         do l = 1, lanes
            y(l, i) = merge(new(l, i), y(l, i), done(l) /= 0)
            slope(l, i) = merge(derivative(l, i), slope(l, i), done(l) /= 0)
            tolerance(l, i) = merge(scale(l), tolerance(l, i), done(l) /= 0)
            dense(l, i, 1) = merge(d(l, 1), dense(l, i, 1), done(l) /= 0)
            dense(l, i, 2) = merge(d(l, 2), dense(l, i, 2), done(l) /= 0)
            dense(l, i, 3) = merge(d(l, 3), dense(l, i, 3), done(l) /= 0)
         end do
      end do
   end subroutine commit
end module ferrotran_radau5_x8_stages
