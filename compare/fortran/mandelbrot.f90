! SPDX-License-Identifier: MIT OR Apache-2.0
module compare_mandelbrot
   !! The Mandelbrot set as a bitmap.
   use, intrinsic :: iso_c_binding, only: c_int8_t, c_int, sz => c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: cmp_mandelbrot_rows_fortran

contains

   pure subroutine cmp_mandelbrot_rows_fortran(n, first, count, bits) bind(c)
      !! Some rows of the bitmap.
      integer(sz), intent(in), value :: n !! rows and columns
      integer(sz), intent(in), value :: first !! first row, from 0
      integer(sz), intent(in), value :: count !! number of rows
      integer(c_int8_t), intent(out) :: bits((n + 7)/8, count) !! eight pixels a byte

      real(dp) :: ci
      integer(sz) :: k
      integer(sz) :: row

      do row = 1, count
         ci = 2.0_dp*real(first + row - 1, dp)/real(n, dp) - 1.0_dp
         do k = 1, (n + 7)/8
            bits(k, row) = eight(n, 8*(k - 1), ci)
         end do
      end do
   end subroutine cmp_mandelbrot_rows_fortran

   pure function eight(n, column, ci) result(byte)
      !! Eight pixels as one byte. A point that has escaped stays so: |c| is below 2, and NaN is
      !! below nothing.
      integer(sz), intent(in) :: n !! rows and columns
      integer(sz), intent(in) :: column !! column of the leftmost pixel, from 0
      real(dp), intent(in) :: ci !! imaginary part
      integer(c_int8_t) :: byte !! the pixels, the leftmost in the highest bit

      integer(c_int) :: all_bits
      real(dp) :: cr(8)
      integer :: i
      real(dp) :: ii(8)
      integer :: k
      integer :: round
      real(dp) :: rr(8)
      real(dp) :: zi(8)
      real(dp) :: zr(8)

      do k = 1, 8
         cr(k) = 2.0_dp*real(column + k - 1, dp)/real(n, dp) - 1.5_dp
      end do
      zr = 0
      zi = 0
      rr = 0
      ii = 0
      byte = 0
      do round = 1, 10
         do i = 1, 5
            !GCC$ unroll 1 ! unrolled, gfortran does not vectorise it
            do k = 1, 8
               zi(k) = 2.0_dp*zr(k)*zi(k) + ci
               zr(k) = rr(k) - ii(k) + cr(k)
               rr(k) = zr(k)*zr(k)
               ii(k) = zi(k)*zi(k)
            end do
         end do
         if (.not. any(rr + ii <= 4.0_dp)) return
      end do
      all_bits = 0
      do k = 1, 8
         all_bits = 2*all_bits
         if (rr(k) + ii(k) <= 4.0_dp .and. column + k <= n) all_bits = all_bits + 1
      end do
      if (all_bits > 127) all_bits = all_bits - 256
      byte = int(all_bits, c_int8_t)
   end function eight

end module compare_mandelbrot
