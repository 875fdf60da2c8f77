! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_full
   !! LU decompositions with partial pivoting of full matrices, real and complex.
   !!
   !! Column by column, so that the inner loops run over neighbours: Golub and Van Loan, *Matrix
   !! Computations*, 4th ed., 2013, section 3.4. The multipliers stand below the diagonal, the
   !! reciprocals of the pivots on it. Complex numbers are two arrays, and the size of a complex
   !! pivot is the sum of the sizes of its parts.
   use, intrinsic :: iso_c_binding, only: dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_state, only: largest
   implicit none (type, external)
   private
   public :: decompose, decompose_complex, invert, solve, solve_complex
contains
   pure subroutine decompose(n, a, pivot, singular)
      !! Decompose a full real matrix.
      integer(ip), intent(in) :: n !! its order
      real(dp), intent(inout) :: a(n, n) !! the matrix; its factors
      integer(ip), intent(out) :: pivot(n) !! the row that came to each place
      logical, intent(out) :: singular !! whether a pivot is zero or not finite
      real(dp) :: factor
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: m

      singular = .true.
      do k = 1, n
         m = k
         do i = k + 1, n
            if (abs(a(i, k)) > abs(a(m, k))) m = i
         end do
         pivot(k) = m
         factor = a(m, k)
         if (.not. (abs(factor) > 0 .and. abs(factor) <= largest)) return
         a(m, k) = a(k, k)
         factor = 1/factor
         a(k, k) = factor
         do i = k + 1, n
            a(i, k) = a(i, k)*factor
         end do
         do j = k + 1, n
            factor = a(m, j)
            a(m, j) = a(k, j)
            a(k, j) = factor
            do i = k + 1, n
               a(i, j) = a(i, j) - a(i, k)*factor
            end do
         end do
      end do
      singular = .false.
   end subroutine decompose

   pure subroutine solve(n, a, pivot, x)
      !! Solve with the factors of `decompose`.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(in) :: a(n, n) !! factors
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(inout) :: x(n) !! the right-hand side; the solution
      real(dp) :: factor
      integer(ip) :: i
      integer(ip) :: k

      do k = 1, n
         factor = x(pivot(k))
         x(pivot(k)) = x(k)
         x(k) = factor
         do i = k + 1, n
            x(i) = x(i) - a(i, k)*factor
         end do
      end do
      do k = n, 1, -1
         factor = x(k)*a(k, k)
         x(k) = factor
         do i = 1, k - 1
            x(i) = x(i) - a(i, k)*factor
         end do
      end do
   end subroutine solve

   pure subroutine decompose_complex(n, re, im, pivot, singular)
      !! Decompose a full complex matrix.
      integer(ip), intent(in) :: n !! its order
      real(dp), intent(inout) :: re(n, n) !! real parts
      real(dp), intent(inout) :: im(n, n) !! imaginary parts
      integer(ip), intent(out) :: pivot(n) !! the row that came to each place
      logical, intent(out) :: singular !! whether a pivot is zero or not finite
      real(dp) :: fi
      real(dp) :: fr
      real(dp) :: temp
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: m

      singular = .true.
      do k = 1, n
         m = k
         do i = k + 1, n
            if (abs(re(i, k)) + abs(im(i, k)) > abs(re(m, k)) + abs(im(m, k))) m = i
         end do
         pivot(k) = m
         fr = re(m, k)
         fi = im(m, k)
         re(m, k) = re(k, k)
         im(m, k) = im(k, k)
         call invert(fr, fi)
         if (.not. abs(fr) + abs(fi) <= largest) return
         re(k, k) = fr
         im(k, k) = fi
         do i = k + 1, n
            temp = re(i, k)*fr - im(i, k)*fi
            im(i, k) = re(i, k)*fi + im(i, k)*fr
            re(i, k) = temp
         end do
         do j = k + 1, n
            fr = re(m, j)
            fi = im(m, j)
            re(m, j) = re(k, j)
            im(m, j) = im(k, j)
            re(k, j) = fr
            im(k, j) = fi
            do i = k + 1, n
               re(i, j) = re(i, j) - (re(i, k)*fr - im(i, k)*fi)
               im(i, j) = im(i, j) - (re(i, k)*fi + im(i, k)*fr)
            end do
         end do
      end do
      singular = .false.
   end subroutine decompose_complex

   pure subroutine solve_complex(n, re, im, pivot, x, y)
      !! Solve with the factors of `decompose_complex`.
      integer(ip), intent(in) :: n !! order
      real(dp), intent(in) :: re(n, n) !! factors, real parts
      real(dp), intent(in) :: im(n, n) !! factors, imaginary parts
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(inout) :: x(n) !! the right-hand side; the solution; real parts
      real(dp), intent(inout) :: y(n) !! imaginary parts
      real(dp) :: fi
      real(dp) :: fr
      integer(ip) :: i
      integer(ip) :: k
      integer(ip) :: m

      do k = 1, n
         m = pivot(k)
         fr = x(m)
         fi = y(m)
         x(m) = x(k)
         y(m) = y(k)
         x(k) = fr
         y(k) = fi
         do i = k + 1, n
            x(i) = x(i) - (re(i, k)*fr - im(i, k)*fi)
            y(i) = y(i) - (re(i, k)*fi + im(i, k)*fr)
         end do
      end do
      do k = n, 1, -1
         fr = x(k)*re(k, k) - y(k)*im(k, k)
         fi = x(k)*im(k, k) + y(k)*re(k, k)
         x(k) = fr
         y(k) = fi
         do i = 1, k - 1
            x(i) = x(i) - (re(i, k)*fr - im(i, k)*fi)
            y(i) = y(i) - (re(i, k)*fi + im(i, k)*fr)
         end do
      end do
   end subroutine solve_complex

   elemental subroutine invert(re, im)
      !! 1/(re + i im) without needless overflow; infinite or NaN where there is none.
      real(dp), intent(inout) :: re !! real part
      real(dp), intent(inout) :: im !! imaginary part
      real(dp) :: divisor
      real(dp) :: ratio

      if (abs(re) >= abs(im)) then
         ratio = im/re
         divisor = 1/(re + im*ratio)
         re = divisor
         im = -ratio*divisor
      else
         ratio = re/im
         divisor = 1/(im + re*ratio)
         re = ratio*divisor
         im = -divisor
      end if
   end subroutine invert
end module ferrotran_radau5_full
