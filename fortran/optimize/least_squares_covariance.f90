! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_covariance
   !! The inverse of `J^T J` from the triangle of `J`.
   use, intrinsic :: iso_c_binding, only: c_int64_t, c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: nan, rank_of, covariance

   integer(c_int64_t), parameter :: nan_bits = 9221120237041090560_c_int64_t !! quiet NaN
contains
   pure function nan() result(x)
      !! Not a number.
      real(dp) :: x

      x = transfer(nan_bits, x)
   end function nan

   pure function rank_of(m, n, r, pivot, length) result(rank)
      !! The number of columns that are not combinations of those before them.
      !!
      !! `r(k, k)` over the length of the column is the sine of its angle to them: a measure
      !! that the units of the parameters leave alone.
      integer(c_ptrdiff_t), intent(in) :: m !! rows of `J`
      integer(c_ptrdiff_t), intent(in) :: n !! columns
      real(dp), intent(in) :: r(n, n) !! triangle
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns
      real(dp), intent(in) :: length(n) !! lengths of the columns of `J`
      integer(c_ptrdiff_t) :: rank
      integer(c_ptrdiff_t) :: k

      rank = 0
      do k = 1, n
         if (abs(r(k, k)) > m*epsilon(r)*length(pivot(k))) rank = rank + 1
      end do
   end function rank_of

   pure subroutine covariance(n, r, pivot, u, cov)
      !! `(J^T J)^-1 = P R^-1 R^-T P^T`.
      integer(c_ptrdiff_t), intent(in) :: n !! columns
      real(dp), intent(in) :: r(n, n) !! triangle of full rank
      integer(c_ptrdiff_t), intent(in) :: pivot(n) !! order of the columns
      real(dp), intent(out) :: u(n, n) !! workspace: the inverse of `r`
      real(dp), intent(out) :: cov(n, n) !! the inverse
      real(dp) :: s
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k

      do k = 1, n
         u(k, k) = 1/r(k, k)
         u(:k - 1, k) = 0
         do j = 1, k - 1
            do i = 1, j
               u(i, k) = u(i, k) - r(j, k)*u(i, j)
            end do
         end do
         do i = 1, k - 1
            u(i, k) = u(i, k)*u(k, k)
         end do
      end do
      do i = 1, n
         do j = 1, i
            s = 0
            do k = i, n
               s = s + u(i, k)*u(j, k)
            end do
            cov(pivot(i), pivot(j)) = s
            cov(pivot(j), pivot(i)) = s
         end do
      end do
   end subroutine covariance
end module ferrotran_least_squares_covariance
