! SPDX-License-Identifier: MIT OR Apache-2.0
module callbacks
   !! What the checks integrate.
   use, intrinsic :: iso_c_binding, only: c_associated, c_double, c_f_pointer, c_int, c_ptr, &
      c_ptrdiff_t
   implicit none (type, external)
   private
   public :: gauss, decay
contains
   function gauss(ctx, x, y) bind(c) result(code)
      type(c_ptr), value :: ctx
      real(c_double), value :: x
      real(c_double), intent(inout) :: y
      integer(c_int) :: code
      integer(c_int), pointer :: stop_with

      y = exp(-x*x)
      code = 0
      if (c_associated(ctx)) then
         call c_f_pointer(ctx, stop_with)
         code = stop_with
      end if
   end function gauss

   function decay(ctx, t, n, y, dydt, p) bind(c) result(code)
      type(c_ptr), value :: ctx
      real(c_double), value :: t
      integer(c_ptrdiff_t), value :: n
      real(c_double), intent(in) :: y(*)
      real(c_double), intent(inout) :: dydt(*)
      real(c_double), intent(in) :: p(*)
      integer(c_int) :: code

      dydt(:n) = -p(1)*y(:n)
      code = 0
      if (c_associated(ctx) .and. t > 0) code = 1
   end function decay
end module callbacks

program test
   !! The module ferrotran, checked.
   use, intrinsic :: iso_c_binding, only: c_int, c_loc, c_ptrdiff_t, c_sizeof, dp => c_double, &
      sp => c_float
   use, intrinsic :: ieee_arithmetic, only: ieee_is_nan, ieee_positive_inf, ieee_value
   use ferrotran
   use callbacks, only: decay, gauss
   implicit none (type, external)
   real(dp), parameter :: root_pi = 1.7724538509055160273_dp
   integer :: failed

   failed = 0
   call check(ferrotran_version() == text_of_header(), "the versions")
   call ferrotran_check_version()
   call systems()
   call functions()
   call integrals()
   call fits_and_grids()
   if (failed > 0) error stop "some checks failed"
   print '(a)', "all checks passed"
contains
   subroutine check(good, words)
      logical, intent(in) :: good
      character(*), intent(in) :: words
      if (good) return
      failed = failed + 1
      print '(4a)', "failed: ", words, "; the last message is: ", ferrotran_last_error_message()
   end subroutine check

   function text_of_header() result(text)
      character(:), allocatable :: text
      character(40) :: line
      write (line, '(i0, ".", i0, ".", i0)') FT_VERSION_MAJOR, FT_VERSION_MINOR, FT_VERSION_PATCH
      text = trim(line)
   end function text_of_header

   subroutine systems()
      real(dp) :: off(2, 3), d(3, 3), b(3, 3), x(3, 3), wide(6, 3)
      real(sp) :: single(3)
      integer(c_ptrdiff_t) :: info(3)
      integer(c_int) :: status
      off = 1
      d = 2
      b(1, :) = 3
      b(2, :) = 4
      b(3, :) = 3
      call ferrotran_solve_tridiagonal(off(:, 1), d(:, 1), off(:, 1), b(:, 1), x(:, 1))
      call check(all(abs(x(:, 1) - 1) < 1e-14_dp), "one system")
      wide = 7
      call ferrotran_solve_tridiagonal(off, d, off, b, wide(::2, :), info=info)
      call check(all(abs(wide(::2, :) - 1) < 1e-14_dp) .and. all(info == 0), "a batch")
      call check(all(abs(wide(2::2, :) - 7) <= 0), "a batch keeps its hands off the rest")
      call ferrotran_solve_tridiagonal([1._sp, 1._sp], [2._sp, 2._sp, 2._sp], [1._sp, 1._sp], &
         [3._sp, 4._sp, 3._sp], single)
      call check(all(abs(single - 1) < 1e-6_sp), "single precision")
      off = 0
      d(2, 2) = 0
      call ferrotran_solve_tridiagonal(off, d, off, b, x, FT_PIVOTING_NONE, info, status)
      call check(status == FT_SINGULAR .and. info(2) == 2, "a singular system")
      call check(all(ieee_is_nan(x(:, 2))) .and. abs(x(1, 3) - 1.5_dp) <= 0, "its neighbours")
      call ferrotran_solve_tridiagonal(off, d, off, b, x(:, :2), status=status)
      call check(status == FT_INVALID_ARGUMENT, "a wrong shape")
      call check(index(ferrotran_last_error_message(), "`x` has shape 3 2 expected 3 3") == 1, &
         "its message")
      call ferrotran_solve_tridiagonal(off, d, off, b, x, pivoting=9_c_int, status=status)
      call check(index(ferrotran_last_error_message(), "`pivoting` is 9") > 0, "a wrong option")
   end subroutine systems

   subroutine functions()
      real(dp) :: x(4), y(4), line(9)
      real(sp) :: single(1)
      integer(c_int) :: status
      x = [0.5_dp, 1._dp, 1.5_dp, 2._dp]
      call ferrotran_erf(x, y)
      call check(all(abs(y - erf(x)) < 4e-16_dp), "erf")
      call ferrotran_gamma(x, y)
      call check(abs(y(4) - 1) < 4e-16_dp, "gamma")
      call ferrotran_j0(x, y)
      call check(all(abs(y - bessel_j0(x)) < 4e-16_dp), "j0")
      call ferrotran_y1([1.5_sp], single)
      call check(abs(single(1) + 0.412308627_sp) < 1e-7_sp, "y1 in single precision")
      line = 0
      line(1:7:2) = x
      call ferrotran_erfc(line(1:7:2), y)
      call check(all(abs(y - erfc(x)) < 4e-16_dp), "a section")
      call ferrotran_erf(x, y(:3), status)
      call check(status == FT_INVALID_ARGUMENT, "a wrong length")
      call check(ferrotran_last_error_message() == "`y` has shape 3 expected 4", "its message")
   end subroutine functions

   subroutine integrals()
      type(ft_quad_result) :: found
      type(ft_quad_options) :: options
      type(ft_ivp_result) :: end
      integer(c_int), target :: code
      integer(c_int) :: status
      real(dp) :: infinity, y(2, 1)
      infinity = ieee_value(infinity, ieee_positive_inf)
      call ferrotran_quad(gauss, -infinity, infinity, found)
      call check(abs(found%value - root_pi) <= found%abs_error, "an integral")
      code = 12
      call ferrotran_quad(gauss, 0._dp, 1._dp, found, ctx=c_loc(code), status=status)
      call check(status == FT_STOPPED .and. ft_last_callback_code() == 12, "a stop")
      status = ft_quad_options_init(options, c_sizeof(options))
      call check(status == FT_OK .and. options%limit == 50, "options")
      options%limit = 0
      call ferrotran_quad(gauss, 0._dp, 1._dp, found, options, status=status)
      call check(index(ferrotran_last_error_message(), "`limit` is 0") > 0, "a wrong limit")
      call ferrotran_solve_ivp(decay, 0._dp, 1._dp, [1._dp], [0._dp, 1._dp], y, end, [2._dp])
      call check(abs(y(1, 1) - 1) <= 0 .and. abs(y(2, 1) - exp(-2._dp)) < 1e-2_dp, "a decay")
   end subroutine integrals

   subroutine fits_and_grids()
      type(ft_fit_result) :: found
      type(ft_heat2d_options) :: options
      real(dp) :: x(30), y(30), p(3), u(5, 4), v(5, 4)
      integer(c_int) :: status
      integer :: i
      x = [(0.1_dp*i, i=1, 30)]
      y = 2*exp(-1.5_dp*x) + 0.25_dp
      call ferrotran_curve_fit(FT_MODEL_EXPONENTIAL, x, y, p, found)
      call check(all(abs(p - [2._dp, 1.5_dp, 0.25_dp]) < 1e-7_dp), "a fit")
      u = 0
      u(3, 2) = 1
      call ferrotran_heat2d(u, 0.1_dp, 1, v)
      call check(abs(v(3, 2) - 0.6_dp) < 1e-15_dp .and. abs(v(4, 2) - 0.1_dp) < 1e-15_dp, "a grid")
      status = ft_heat2d_options_init(options, c_sizeof(options))
      options%dx = 0.1_dp
      call ferrotran_heat2d(u, 0.1_dp, 1, v, options=options, status=status)
      call check(status == FT_UNSTABLE, "an unstable step")
   end subroutine fits_and_grids
end program test
