! SPDX-License-Identifier: MIT OR Apache-2.0
include "ferrotran/ferrotran_c.inc"

module ferrotran
   !! Ferrotran in the manner of Fortran: assumed shapes, generic names, optional arguments.
   !!
   !! A procedure that can fail has the optional argument `status`, FT_OK or another of the
   !! constants; without it a failure is an error stop with the message. A section that is not
   !! contiguous is copied by the compiler. The first index of an array is the last one in
   !! `ferrotran.h`, whose functions are all here under their own names.
   use, intrinsic :: iso_c_binding, only: c_char, c_f_pointer, c_funloc, c_int, c_loc, c_null_ptr, &
      c_ptr, c_ptrdiff_t, c_size_t, c_sizeof, dp => c_double, sp => c_float
   use ferrotran_c
   implicit none (type, external)
   private :: c_char, c_f_pointer, c_funloc, c_int, c_loc, c_null_ptr, c_ptr, c_ptrdiff_t, &
      c_size_t, c_sizeof, dp, sp, length, one, finish, fits, fits_both, chosen, context, &
      text, apply_double, apply_single
   public

   integer, parameter :: length = c_ptrdiff_t
   integer(c_ptrdiff_t), parameter :: one = 1

   interface ferrotran_erf
      procedure erf_double, erf_single
   end interface ferrotran_erf
   interface ferrotran_erfc
      procedure erfc_double, erfc_single
   end interface ferrotran_erfc
   interface ferrotran_erfcx
      procedure erfcx_double, erfcx_single
   end interface ferrotran_erfcx
   interface ferrotran_gamma
      procedure gamma_double, gamma_single
   end interface ferrotran_gamma
   interface ferrotran_gammaln
      procedure gammaln_double, gammaln_single
   end interface ferrotran_gammaln
   interface ferrotran_j0
      procedure j0_double, j0_single
   end interface ferrotran_j0
   interface ferrotran_j1
      procedure j1_double, j1_single
   end interface ferrotran_j1
   interface ferrotran_y0
      procedure y0_double, y0_single
   end interface ferrotran_y0
   interface ferrotran_y1
      procedure y1_double, y1_single
   end interface ferrotran_y1

   interface ferrotran_solve_tridiagonal
      !! Solve one system (n), or a batch of them, each in a column (n x batch).
      procedure tridiagonal_double, tridiagonal_single
      procedure tridiagonal_batch_double, tridiagonal_batch_single
   end interface ferrotran_solve_tridiagonal
contains
   function ferrotran_version() result(version)
      !! The version of the library.
      character(:), allocatable :: version
      version = text(ft_version())
   end function ferrotran_version

   subroutine ferrotran_check_version(status)
      !! Check that this module and the library are of versions that go together.
      integer(c_int), intent(out), optional :: status
      call finish(ft_check_version(FT_VERSION_NUMBER), status)
   end subroutine ferrotran_check_version

   function ferrotran_status_message(status) result(message)
      !! The words of a status.
      integer(c_int), intent(in) :: status
      character(:), allocatable :: message
      message = text(ft_status_message(status))
   end function ferrotran_status_message

   function ferrotran_last_error_message() result(message)
      !! What was wrong with the last call of this thread.
      character(:), allocatable :: message
      message = text(ft_last_error_message())
   end function ferrotran_last_error_message

   subroutine ferrotran_quad(f, a, b, result, options, ctx, status)
      !! Integrate a module procedure from `a` to `b`.
      procedure(ft_integrand) :: f
      real(dp), intent(in) :: a
      real(dp), intent(in) :: b
      type(ft_quad_result), intent(inout) :: result
      type(ft_quad_options), intent(in), optional :: options
      type(c_ptr), intent(in), optional :: ctx
      integer(c_int), intent(out), optional :: status
      call finish(ft_quad(c_funloc(f), context(ctx), a, b, options, result), status)
   end subroutine ferrotran_quad

   subroutine ferrotran_curve_fit(model, x, y, popt, result, p0, pcov, options, status)
      !! Fit a built-in model to points.
      integer(c_int), intent(in) :: model
      real(dp), contiguous, intent(in) :: x(:)
      real(dp), contiguous, intent(in) :: y(:)
      real(dp), contiguous, intent(inout) :: popt(:)
      type(ft_fit_result), intent(inout) :: result
      real(dp), contiguous, intent(in), optional :: p0(:)
      real(dp), contiguous, intent(inout), optional :: pcov(:, :)
      type(ft_fit_options), intent(in), optional :: options
      integer(c_int), intent(out), optional :: status
      if (.not. fits("y", size(y), size(x), status)) return
      if (present(p0)) then
         if (.not. fits("p0", size(p0), size(popt), status)) return
      end if
      if (present(pcov)) then
         if (.not. fits_both("pcov", shape(pcov), [size(popt), size(popt)], status)) return
      end if
      call finish(ft_curve_fit(model, size(x, kind=length), x, y, size(popt, kind=length), p0, &
         options, popt, pcov, result), status)
   end subroutine ferrotran_curve_fit

   subroutine ferrotran_solve_ivp(f, t0, t1, y0, t_eval, y, result, p, options, ctx, status)
      !! Integrate dy/dt = f(t, y, p); `y` (times x components) at the times `t_eval`.
      procedure(ft_rhs) :: f
      real(dp), intent(in) :: t0
      real(dp), intent(in) :: t1
      real(dp), contiguous, intent(in) :: y0(:)
      real(dp), contiguous, intent(in) :: t_eval(:)
      real(dp), contiguous, intent(inout) :: y(:, :)
      type(ft_ivp_result), intent(inout) :: result
      real(dp), contiguous, intent(in), optional :: p(:)
      type(ft_ivp_options), intent(in), optional :: options
      type(c_ptr), intent(in), optional :: ctx
      integer(c_int), intent(out), optional :: status
      integer(c_ptrdiff_t) :: parameters
      if (.not. fits_both("y", shape(y), [size(t_eval), size(y0)], status)) return
      parameters = 0
      if (present(p)) parameters = size(p, kind=length)
      call finish(ft_solve_ivp(c_funloc(f), context(ctx), t0, t1, size(y0, kind=length), y0, &
         parameters, p, size(t_eval, kind=length), t_eval, options, y, result), status)
   end subroutine ferrotran_solve_ivp

   subroutine ferrotran_heat2d(u, dt, steps, out, cells, options, status)
      !! Take explicit steps of the diffusion equation from `u` to `out` (columns x rows).
      real(dp), contiguous, intent(in) :: u(:, :)
      real(dp), intent(in) :: dt
      integer, intent(in) :: steps
      real(dp), contiguous, intent(inout) :: out(:, :)
      real(dp), contiguous, intent(in), optional :: cells(:, :)
      type(ft_heat2d_options), intent(in), optional :: options
      integer(c_int), intent(out), optional :: status
      integer(c_ptrdiff_t) :: rows
      integer(c_ptrdiff_t) :: columns
      if (.not. fits_both("out", shape(out), shape(u), status)) return
      if (present(cells)) then
         if (.not. fits_both("cells", shape(cells), shape(u), status)) return
      end if
      columns = size(u, 1, kind=length)
      rows = size(u, 2, kind=length)
      call finish(ft_heat2d(rows, columns, u, columns, cells, columns, dt, int(steps, length), &
         options, out, columns), status)
   end subroutine ferrotran_heat2d

   subroutine tridiagonal_double(dl, d, du, b, x, pivoting, info, status)
      real(dp), contiguous, intent(in) :: dl(:)
      real(dp), contiguous, intent(in) :: d(:)
      real(dp), contiguous, intent(in) :: du(:)
      real(dp), contiguous, intent(in) :: b(:)
      real(dp), contiguous, intent(inout) :: x(:)
      integer(c_int), intent(in), optional :: pivoting
      integer(c_ptrdiff_t), intent(inout), optional :: info
      integer(c_int), intent(out), optional :: status
      integer :: n
      n = size(d)
      if (.not. fits("dl", size(dl), max(n - 1, 0), status)) return
      if (.not. fits("du", size(du), max(n - 1, 0), status)) return
      if (.not. fits("b", size(b), n, status)) return
      if (.not. fits("x", size(x), n, status)) return
      call finish(ft_solve_tridiagonal(size(d, kind=length), dl, d, du, b, &
         chosen(pivoting), x, info), status)
   end subroutine tridiagonal_double

   subroutine tridiagonal_batch_double(dl, d, du, b, x, pivoting, info, status)
      real(dp), contiguous, intent(in) :: dl(:, :)
      real(dp), contiguous, intent(in) :: d(:, :)
      real(dp), contiguous, intent(in) :: du(:, :)
      real(dp), contiguous, intent(in) :: b(:, :)
      real(dp), contiguous, intent(inout) :: x(:, :)
      integer(c_int), intent(in), optional :: pivoting
      integer(c_ptrdiff_t), intent(inout), optional :: info(:)
      integer(c_int), intent(out), optional :: status
      integer :: n
      n = size(d, 1)
      if (.not. fits_both("dl", shape(dl), [max(n - 1, 0), size(d, 2)], status)) return
      if (.not. fits_both("du", shape(du), [max(n - 1, 0), size(d, 2)], status)) return
      if (.not. fits_both("b", shape(b), shape(d), status)) return
      if (.not. fits_both("x", shape(x), shape(d), status)) return
      if (present(info)) then
         if (.not. fits("info", size(info), size(d, 2), status)) return
      end if
      call finish(ft_solve_tridiagonal_batch(size(d, 2, kind=length), size(d, 1, kind=length), &
         dl, d, du, b, chosen(pivoting), x, info=info), status)
   end subroutine tridiagonal_batch_double

   subroutine tridiagonal_single(dl, d, du, b, x, pivoting, info, status)
      real(sp), contiguous, intent(in) :: dl(:)
      real(sp), contiguous, intent(in) :: d(:)
      real(sp), contiguous, intent(in) :: du(:)
      real(sp), contiguous, intent(in) :: b(:)
      real(sp), contiguous, intent(inout) :: x(:)
      integer(c_int), intent(in), optional :: pivoting
      integer(c_ptrdiff_t), intent(inout), optional :: info
      integer(c_int), intent(out), optional :: status
      integer :: n
      n = size(d)
      if (.not. fits("dl", size(dl), max(n - 1, 0), status)) return
      if (.not. fits("du", size(du), max(n - 1, 0), status)) return
      if (.not. fits("b", size(b), n, status)) return
      if (.not. fits("x", size(x), n, status)) return
      call finish(ft_solve_tridiagonalf(size(d, kind=length), dl, d, du, b, &
         chosen(pivoting), x, info), status)
   end subroutine tridiagonal_single

   subroutine tridiagonal_batch_single(dl, d, du, b, x, pivoting, info, status)
      real(sp), contiguous, intent(in) :: dl(:, :)
      real(sp), contiguous, intent(in) :: d(:, :)
      real(sp), contiguous, intent(in) :: du(:, :)
      real(sp), contiguous, intent(in) :: b(:, :)
      real(sp), contiguous, intent(inout) :: x(:, :)
      integer(c_int), intent(in), optional :: pivoting
      integer(c_ptrdiff_t), intent(inout), optional :: info(:)
      integer(c_int), intent(out), optional :: status
      integer :: n
      n = size(d, 1)
      if (.not. fits_both("dl", shape(dl), [max(n - 1, 0), size(d, 2)], status)) return
      if (.not. fits_both("du", shape(du), [max(n - 1, 0), size(d, 2)], status)) return
      if (.not. fits_both("b", shape(b), shape(d), status)) return
      if (.not. fits_both("x", shape(x), shape(d), status)) return
      if (present(info)) then
         if (.not. fits("info", size(info), size(d, 2), status)) return
      end if
      call finish(ft_solve_tridiagonal_batchf(size(d, 2, kind=length), size(d, 1, kind=length), &
         dl, d, du, b, chosen(pivoting), x, info=info), status)
   end subroutine tridiagonal_batch_single

   include "ferrotran/special.inc"

   subroutine apply_double(f, x, y, status)
      !! Call a function of the library over arrays of one length.
      procedure(ft_erf) :: f
      real(dp), contiguous, intent(in) :: x(:)
      real(dp), contiguous, intent(inout) :: y(:)
      integer(c_int), intent(out), optional :: status
      if (fits("y", size(y), size(x), status)) then
         call finish(f(size(x, kind=length), x, one, y, one), status)
      end if
   end subroutine apply_double

   subroutine apply_single(f, x, y, status)
      !! Call a function of the library over arrays of one length.
      procedure(ft_erff) :: f
      real(sp), contiguous, intent(in) :: x(:)
      real(sp), contiguous, intent(inout) :: y(:)
      integer(c_int), intent(out), optional :: status
      if (fits("y", size(y), size(x), status)) then
         call finish(f(size(x, kind=length), x, one, y, one), status)
      end if
   end subroutine apply_single

   pure function chosen(pivoting) result(found)
      integer(c_int), intent(in), optional :: pivoting
      integer(c_int) :: found
      found = FT_PIVOTING_PARTIAL
      if (present(pivoting)) found = pivoting
   end function chosen

   pure function context(ctx) result(found)
      type(c_ptr), intent(in), optional :: ctx
      type(c_ptr) :: found
      found = c_null_ptr
      if (present(ctx)) found = ctx
   end function context

   subroutine finish(found, status)
      !! Hand on a status, or stop where nobody asks for it.
      integer(c_int), intent(in) :: found
      integer(c_int), intent(out), optional :: status
      character(:), allocatable :: message
      if (present(status)) then
         status = found
      else if (found /= FT_OK) then
         message = ferrotran_last_error_message() ! gfortran 12 crashes on it in the next line
         error stop message
      end if
   end subroutine finish

   function fits(name, found, expected, status) result(good)
      !! Whether an array has its length.
      character(*), intent(in) :: name
      integer, intent(in) :: found
      integer, intent(in) :: expected
      integer(c_int), intent(out), optional :: status
      logical :: good
      good = fits_both(name, [found], [expected], status)
   end function fits

   function fits_both(name, found, expected, status) result(good)
      !! Whether an array has its shape.
      character(*), intent(in) :: name
      integer, intent(in) :: found(:)
      integer, intent(in) :: expected(:)
      integer(c_int), intent(out), optional :: status
      logical :: good
      character(200) :: message
      character(kind=c_char), allocatable, target :: bytes(:)
      integer :: i
      good = all(found == expected)
      if (present(status)) status = FT_OK
      if (good) return
      write (message, '(*(g0, :, " "))') "`"//name//"` has shape", found, "expected", expected
      allocate (bytes(len_trim(message) + 1))
      do i = 1, size(bytes) - 1
         bytes(i) = message(i:i)
      end do
      bytes(size(bytes)) = achar(0)
      call finish(ft_report(FT_INVALID_ARGUMENT, c_loc(bytes)), status)
   end function fits_both

   function text(from) result(string)
      !! A string of C.
      type(c_ptr), value :: from
      character(:), allocatable :: string
      character(kind=c_char), pointer :: bytes(:)
      integer :: i
      integer :: n
      call c_f_pointer(from, bytes, [1024])
      n = 0
      do while (bytes(n + 1) /= achar(0))
         n = n + 1
      end do
      allocate (character(n) :: string)
      do i = 1, n
         string(i:i) = bytes(i)
      end do
   end function text
end module ferrotran
