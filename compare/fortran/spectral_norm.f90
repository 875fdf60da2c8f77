! SPDX-License-Identifier: MIT OR Apache-2.0
module compare_spectral_norm
   !! Products with the matrix A(i, j) = 1 / ((i + j) (i + j + 1) / 2 + i + 1), i and j from 0.
   use, intrinsic :: iso_c_binding, only: c_int, sz => c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: cmp_spectral_rows_fortran

contains

   pure subroutine cmp_spectral_rows_fortran(n, first, count, transposed, v, y) bind(c)
      !! Some rows of A v, or of its transpose.
      !!
      !! Rows are the inner loop: they are independent, so it vectorises without another order of
      !! sums. A c_int counts them, for AVX2 has no conversion from 64-bit integers.
      integer(sz), intent(in), value :: n !! order of A
      integer(sz), intent(in), value :: first !! first row, from 0
      integer(sz), intent(in), value :: count !! number of rows, below 2^31
      integer(c_int), intent(in), value :: transposed !! not 0: of the transpose
      real(dp), intent(in) :: v(n) !! the vector
      real(dp), intent(out) :: y(count) !! the rows of the product

      integer(sz) :: j
      integer(c_int) :: k
      real(dp) :: before

      before = real(first - 1, dp)
      y = 0
      do j = 1, n
         if (transposed /= 0) then
            do k = 1, int(count, c_int)
               y(k) = y(k) + v(j)/divisor(real(j - 1, dp), before + k)
            end do
         else
            do k = 1, int(count, c_int)
               y(k) = y(k) + v(j)/divisor(before + k, real(j - 1, dp))
            end do
         end if
      end do
   end subroutine cmp_spectral_rows_fortran

   elemental function divisor(i, j) result(d)
      !! 1 / A(i, j), exact below 2^53.
      real(dp), intent(in) :: i !! row, from 0
      real(dp), intent(in) :: j !! column, from 0
      real(dp) :: d !! the divisor

      d = (i + j)*(i + j + 1)*0.5_dp + i + 1
   end function divisor

end module compare_spectral_norm
