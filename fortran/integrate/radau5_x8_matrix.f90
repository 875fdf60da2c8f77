! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_x8_matrix
   !! The linear algebra of RADAU5 for 8 members side by side: full matrices, one for each lane.
   !!
   !! Each lane has the operations of `ferrotran_radau5_full` in their order, thus their bits.
   !! Rows are exchanged lane by lane, by selection.
   use, intrinsic :: iso_c_binding, only: dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_state, only: lambda, largest, mu_im, mu_re
   implicit none (type, external)
   private
   public :: assemble, lanes, solve, solve_complex

   integer(ip), parameter :: lanes = 8 !! members side by side
contains
   pure subroutine assemble(n, h, jac, a, re, im, pivot, singular)
      !! Decompose lambda/h I - J and (mu_re + i mu_im)/h I - J.
      integer(ip), intent(in) :: n !! components
      real(dp), intent(in) :: h(lanes) !! steps
      real(dp), intent(in) :: jac(lanes, n, n) !! Jacobians, row by row
      real(dp), intent(inout) :: a(lanes, n, n) !! factors of the real matrices
      real(dp), intent(inout) :: re(lanes, n, n) !! of the complex ones
      real(dp), intent(inout) :: im(lanes, n, n) !! their imaginary parts
      integer(ip), intent(inout) :: pivot(lanes, n, 2) !! exchanges
      integer(ip), intent(out) :: singular(lanes) !! 1 where a pivot is zero or not finite
      real(dp) :: per_h(lanes)
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: l

      per_h = 1/h
      do j = 1, n
         do i = 1, n
            do l = 1, lanes
               a(l, i, j) = -jac(l, j, i)
               re(l, i, j) = -jac(l, j, i)
               im(l, i, j) = 0
            end do
         end do
         do l = 1, lanes
            a(l, j, j) = a(l, j, j) + lambda*per_h(l)
            re(l, j, j) = re(l, j, j) + mu_re*per_h(l)
            im(l, j, j) = mu_im*per_h(l)
         end do
      end do
      singular = 0
      call decompose(n, a, pivot(:, :, 1), singular)
      call decompose_complex(n, re, im, pivot(:, :, 2), singular)
   end subroutine assemble

   pure subroutine decompose(n, a, pivot, singular)
      !! Decompose real matrices.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(inout) :: a(lanes, n, n) !! matrices; their factors
      integer(ip), intent(out) :: pivot(lanes, n) !! the row that came to each place
      integer(ip), intent(inout) :: singular(lanes) !! set to 1 where a pivot is zero or not finite
      real(dp) :: best(lanes)
      real(dp) :: factor(lanes)
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: l
      integer(ip) :: m(lanes)
      logical :: exchange

      do k = 1, n
         do l = 1, lanes
            m(l) = k
            best(l) = abs(a(l, k, k))
         end do
         do i = k + 1, n
            do l = 1, lanes
               m(l) = merge(i, m(l), abs(a(l, i, k)) > best(l))
               best(l) = merge(abs(a(l, i, k)), best(l), abs(a(l, i, k)) > best(l))
            end do
         end do
         exchange = .false.
         do l = 1, lanes
            pivot(l, k) = m(l)
            exchange = exchange .or. m(l) /= k
            singular(l) = merge(singular(l), 1_ip, best(l) > 0 .and. best(l) <= largest)
         end do
         if (exchange) call swap(n, k, m, a(:, :, k))
         do l = 1, lanes
            factor(l) = 1/a(l, k, k)
            a(l, k, k) = factor(l)
         end do
         do i = k + 1, n
            do l = 1, lanes
               a(l, i, k) = a(l, i, k)*factor(l)
            end do
         end do
         do j = k + 1, n
            if (exchange) call swap(n, k, m, a(:, :, j))
            factor = a(:, k, j)
            do i = k + 1, n
               do l = 1, lanes
                  a(l, i, j) = a(l, i, j) - a(l, i, k)*factor(l)
               end do
            end do
         end do
      end do
   end subroutine decompose

   pure subroutine swap(n, k, m, x)
      !! Exchange element `k` with element `m` in each lane.
      integer(ip), intent(in) :: n !! elements
      integer(ip), intent(in) :: k !! one of them
      integer(ip), intent(in) :: m(lanes) !! another, from `k` on
      real(dp), intent(inout) :: x(lanes, n) !! numbers
      real(dp) :: found(lanes)
      real(dp) :: taken(lanes)
      integer(ip) :: i
      integer(ip) :: l

      taken = x(:, k)
      found = taken
      do i = k + 1, n
         do l = 1, lanes
            found(l) = merge(x(l, i), found(l), m(l) == i)
            x(l, i) = merge(taken(l), x(l, i), m(l) == i)
         end do
      end do
      x(:, k) = found
   end subroutine swap

   pure subroutine solve(n, a, pivot, x)
      !! Solve with the factors of the real matrices.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(in) :: a(lanes, n, n) !! factors
      integer(ip), intent(in) :: pivot(lanes, n) !! exchanges
      real(dp), intent(inout) :: x(lanes, n) !! right-hand sides; solutions
      real(dp) :: factor(lanes)
      integer(ip) :: i
      integer(ip) :: k
      integer(ip) :: l
      logical :: exchange

      do k = 1, n
         exchange = .false.
         do l = 1, lanes
            exchange = exchange .or. pivot(l, k) /= k
         end do
         if (exchange) call swap(n, k, pivot(:, k), x)
         factor = x(:, k)
         do i = k + 1, n
            do l = 1, lanes
               x(l, i) = x(l, i) - a(l, i, k)*factor(l)
            end do
         end do
      end do
      do k = n, 1, -1
         do l = 1, lanes
            factor(l) = x(l, k)*a(l, k, k)
            x(l, k) = factor(l)
         end do
         do i = 1, k - 1
            do l = 1, lanes
               x(l, i) = x(l, i) - a(l, i, k)*factor(l)
            end do
         end do
      end do
   end subroutine solve

   pure subroutine decompose_complex(n, re, im, pivot, singular)
      !! Decompose complex matrices.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(inout) :: re(lanes, n, n) !! real parts
      real(dp), intent(inout) :: im(lanes, n, n) !! imaginary parts
      integer(ip), intent(out) :: pivot(lanes, n) !! the row that came to each place
      integer(ip), intent(inout) :: singular(lanes) !! set to 1 where a pivot is zero or not finite
      real(dp) :: best(lanes)
      real(dp) :: divisor
      real(dp) :: fi(lanes)
      real(dp) :: fr(lanes)
      real(dp) :: ratio
      real(dp) :: size
      real(dp) :: temp
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: l
      integer(ip) :: m(lanes)
      logical :: exchange

      do k = 1, n
         do l = 1, lanes
            m(l) = k
            best(l) = abs(re(l, k, k)) + abs(im(l, k, k))
         end do
         do i = k + 1, n
            do l = 1, lanes
               size = abs(re(l, i, k)) + abs(im(l, i, k))
               m(l) = merge(i, m(l), size > best(l))
               best(l) = merge(size, best(l), size > best(l))
            end do
         end do
         exchange = .false.
         do l = 1, lanes
            pivot(l, k) = m(l)
            exchange = exchange .or. m(l) /= k
         end do
         if (exchange) then
            call swap(n, k, m, re(:, :, k))
            call swap(n, k, m, im(:, :, k))
         end if
         do l = 1, lanes
            fr(l) = merge(re(l, k, k), im(l, k, k), abs(re(l, k, k)) >= abs(im(l, k, k)))
            fi(l) = merge(im(l, k, k), re(l, k, k), abs(re(l, k, k)) >= abs(im(l, k, k)))
            ratio = fi(l)/fr(l)
            divisor = 1/(fr(l) + fi(l)*ratio)
            fr(l) = merge(divisor, ratio*divisor, abs(re(l, k, k)) >= abs(im(l, k, k)))
            fi(l) = merge(-ratio*divisor, -divisor, abs(re(l, k, k)) >= abs(im(l, k, k)))
         end do
         do l = 1, lanes
            re(l, k, k) = fr(l)
            im(l, k, k) = fi(l)
            singular(l) = merge(singular(l), 1_ip, abs(fr(l)) + abs(fi(l)) <= largest)
         end do
         do i = k + 1, n
            do l = 1, lanes
               temp = re(l, i, k)*fr(l) - im(l, i, k)*fi(l)
               im(l, i, k) = re(l, i, k)*fi(l) + im(l, i, k)*fr(l)
               re(l, i, k) = temp
            end do
         end do
         do j = k + 1, n
            if (exchange) then
               call swap(n, k, m, re(:, :, j))
               call swap(n, k, m, im(:, :, j))
            end if
            fr = re(:, k, j)
            fi = im(:, k, j)
            do i = k + 1, n
               do l = 1, lanes
                  re(l, i, j) = re(l, i, j) - (re(l, i, k)*fr(l) - im(l, i, k)*fi(l))
                  im(l, i, j) = im(l, i, j) - (re(l, i, k)*fi(l) + im(l, i, k)*fr(l))
               end do
            end do
         end do
      end do
   end subroutine decompose_complex

   pure subroutine solve_complex(n, re, im, pivot, x, y)
      !! Solve with the factors of the complex matrices.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(in) :: re(lanes, n, n) !! factors, real parts
      real(dp), intent(in) :: im(lanes, n, n) !! factors, imaginary parts
      integer(ip), intent(in) :: pivot(lanes, n) !! exchanges
      real(dp), intent(inout) :: x(lanes, n) !! right-hand sides; solutions; real parts
      real(dp), intent(inout) :: y(lanes, n) !! imaginary parts
      real(dp) :: fi(lanes)
      real(dp) :: fr(lanes)
      integer(ip) :: i
      integer(ip) :: k
      integer(ip) :: l
      logical :: exchange

      do k = 1, n
         exchange = .false.
         do l = 1, lanes
            exchange = exchange .or. pivot(l, k) /= k
         end do
         if (exchange) then
            call swap(n, k, pivot(:, k), x)
            call swap(n, k, pivot(:, k), y)
         end if
         fr = x(:, k)
         fi = y(:, k)
         do i = k + 1, n
            do l = 1, lanes
               x(l, i) = x(l, i) - (re(l, i, k)*fr(l) - im(l, i, k)*fi(l))
               y(l, i) = y(l, i) - (re(l, i, k)*fi(l) + im(l, i, k)*fr(l))
            end do
         end do
      end do
      do k = n, 1, -1
         do l = 1, lanes
            fr(l) = x(l, k)*re(l, k, k) - y(l, k)*im(l, k, k)
            fi(l) = x(l, k)*im(l, k, k) + y(l, k)*re(l, k, k)
            x(l, k) = fr(l)
            y(l, k) = fi(l)
         end do
         do i = 1, k - 1
            do l = 1, lanes
               x(l, i) = x(l, i) - (re(l, i, k)*fr(l) - im(l, i, k)*fi(l))
               y(l, i) = y(l, i) - (re(l, i, k)*fi(l) + im(l, i, k)*fr(l))
            end do
         end do
      end do
   end subroutine solve_complex
end module ferrotran_radau5_x8_matrix
