! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_band
   !! LU decompositions with partial pivoting of banded matrices, real and complex.
   !!
   !! Entry (i, j) is at (i - j + ml + mu + 1, j); the first ml rows are zero on entry and take
   !! what the exchanges of rows bring: Golub and Van Loan, *Matrix Computations*, 4th ed., 2013,
   !! section 4.3. Pivots and complex numbers as in `ferrotran_radau5_full`.
   use, intrinsic :: iso_c_binding, only: dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_full, only: invert
   use ferrotran_radau5_state, only: largest
   implicit none (type, external)
   private
   public :: decompose_band, decompose_complex_band, solve_band, solve_complex_band
contains
   pure subroutine decompose_band(n, ml, mu, a, pivot, singular)
      !! Decompose a banded real matrix.
      integer(ip), intent(in) :: n !! its order
      integer(ip), intent(in) :: ml !! diagonals below the main one
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(inout) :: a(2*ml + mu + 1, n) !! the matrix; its factors
      integer(ip), intent(out) :: pivot(n) !! the row that came to each place
      logical, intent(out) :: singular !! whether a pivot is zero or not finite
      real(dp) :: factor
      integer(ip) :: below ! rows that are eliminated
      integer(ip) :: d ! row of the diagonal
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: last ! column that the pivot's row reaches
      integer(ip) :: m ! pivot, as distance from the diagonal

      singular = .true.
      d = ml + mu + 1
      last = 0
      do k = 1, n
         below = min(ml, n - k)
         m = 0
         do i = 1, below
            if (abs(a(d + i, k)) > abs(a(d + m, k))) m = i
         end do
         pivot(k) = k + m
         factor = a(d + m, k)
         if (.not. (abs(factor) > 0 .and. abs(factor) <= largest)) return
         a(d + m, k) = a(d, k)
         factor = 1/factor
         a(d, k) = factor
         do i = 1, below
            a(d + i, k) = a(d + i, k)*factor
         end do
         last = max(last, min(n, k + m + mu))
         do j = k + 1, last
            factor = a(d + m + k - j, j)
            a(d + m + k - j, j) = a(d + k - j, j)
            a(d + k - j, j) = factor
            do i = 1, below
               a(d + k - j + i, j) = a(d + k - j + i, j) - a(d + i, k)*factor
            end do
         end do
      end do
      singular = .false.
   end subroutine decompose_band

   pure subroutine solve_band(n, ml, mu, a, pivot, x)
      !! Solve with the factors of `decompose_band`.
      integer(ip), intent(in) :: n !! order
      integer(ip), intent(in) :: ml !! diagonals below the main one
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(in) :: a(2*ml + mu + 1, n) !! factors
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(inout) :: x(n) !! the right-hand side; the solution
      real(dp) :: factor
      integer(ip) :: d
      integer(ip) :: i
      integer(ip) :: k

      d = ml + mu + 1
      do k = 1, n
         factor = x(pivot(k))
         x(pivot(k)) = x(k)
         x(k) = factor
         do i = 1, min(ml, n - k)
            x(k + i) = x(k + i) - a(d + i, k)*factor
         end do
      end do
      do k = n, 1, -1
         factor = x(k)*a(d, k)
         x(k) = factor
         do i = 1, min(ml + mu, k - 1)
            x(k - i) = x(k - i) - a(d - i, k)*factor
         end do
      end do
   end subroutine solve_band

   pure subroutine decompose_complex_band(n, ml, mu, re, im, pivot, singular)
      !! Decompose a banded complex matrix.
      integer(ip), intent(in) :: n !! its order
      integer(ip), intent(in) :: ml !! diagonals below the main one
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(inout) :: re(2*ml + mu + 1, n) !! real parts
      real(dp), intent(inout) :: im(2*ml + mu + 1, n) !! imaginary parts
      integer(ip), intent(out) :: pivot(n) !! the row that came to each place
      logical, intent(out) :: singular !! whether a pivot is zero or not finite
      real(dp) :: fi
      real(dp) :: fr
      real(dp) :: temp
      integer(ip) :: below
      integer(ip) :: d
      integer(ip) :: i
      integer(ip) :: j
      integer(ip) :: k
      integer(ip) :: last
      integer(ip) :: m
      integer(ip) :: s ! row of (k, j)

      singular = .true.
      d = ml + mu + 1
      last = 0
      do k = 1, n
         below = min(ml, n - k)
         m = 0
         do i = 1, below
            if (abs(re(d + i, k)) + abs(im(d + i, k)) &
               > abs(re(d + m, k)) + abs(im(d + m, k))) m = i
         end do
         pivot(k) = k + m
         fr = re(d + m, k)
         fi = im(d + m, k)
         re(d + m, k) = re(d, k)
         im(d + m, k) = im(d, k)
         call invert(fr, fi)
         if (.not. abs(fr) + abs(fi) <= largest) return
         re(d, k) = fr
         im(d, k) = fi
         do i = 1, below
            temp = re(d + i, k)*fr - im(d + i, k)*fi
            im(d + i, k) = re(d + i, k)*fi + im(d + i, k)*fr
            re(d + i, k) = temp
         end do
         last = max(last, min(n, k + m + mu))
         do j = k + 1, last
            s = d + k - j
            fr = re(s + m, j)
            fi = im(s + m, j)
            re(s + m, j) = re(s, j)
            im(s + m, j) = im(s, j)
            re(s, j) = fr
            im(s, j) = fi
            do i = 1, below
               re(s + i, j) = re(s + i, j) - (re(d + i, k)*fr - im(d + i, k)*fi)
               im(s + i, j) = im(s + i, j) - (re(d + i, k)*fi + im(d + i, k)*fr)
            end do
         end do
      end do
      singular = .false.
   end subroutine decompose_complex_band

   pure subroutine solve_complex_band(n, ml, mu, re, im, pivot, x, y)
      !! Solve with the factors of `decompose_complex_band`.
      integer(ip), intent(in) :: n !! order
      integer(ip), intent(in) :: ml !! diagonals below the main one
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(in) :: re(2*ml + mu + 1, n) !! factors, real parts
      real(dp), intent(in) :: im(2*ml + mu + 1, n) !! factors, imaginary parts
      integer(ip), intent(in) :: pivot(n) !! exchanges
      real(dp), intent(inout) :: x(n) !! the right-hand side; the solution; real parts
      real(dp), intent(inout) :: y(n) !! imaginary parts
      real(dp) :: fi
      real(dp) :: fr
      integer(ip) :: d
      integer(ip) :: i
      integer(ip) :: k
      integer(ip) :: m

      d = ml + mu + 1
      do k = 1, n
         m = pivot(k)
         fr = x(m)
         fi = y(m)
         x(m) = x(k)
         y(m) = y(k)
         x(k) = fr
         y(k) = fi
         do i = 1, min(ml, n - k)
            x(k + i) = x(k + i) - (re(d + i, k)*fr - im(d + i, k)*fi)
            y(k + i) = y(k + i) - (re(d + i, k)*fi + im(d + i, k)*fr)
         end do
      end do
      do k = n, 1, -1
         fr = x(k)*re(d, k) - y(k)*im(d, k)
         fi = x(k)*im(d, k) + y(k)*re(d, k)
         x(k) = fr
         y(k) = fi
         do i = 1, min(ml + mu, k - 1)
            x(k - i) = x(k - i) - (re(d - i, k)*fr - im(d - i, k)*fi)
            y(k - i) = y(k - i) - (re(d - i, k)*fi + im(d - i, k)*fr)
         end do
      end do
   end subroutine solve_complex_band
end module ferrotran_radau5_band
