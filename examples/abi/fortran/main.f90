! A batch of tridiagonal systems, a quadrature, erf, and an error, from Fortran.
module integrands
   use, intrinsic :: iso_c_binding, only: c_double, c_f_pointer, c_int, c_ptr
   implicit none (type, external)
   private
   public :: integrand
contains
   function integrand(ctx, x, y) bind(c) result(stop)
      !! c / ((1 + x) sqrt(x)), whose integral over the positive numbers is c pi.
      type(c_ptr), value :: ctx
      real(c_double), value :: x
      real(c_double), intent(inout) :: y
      integer(c_int) :: stop
      real(c_double), pointer :: c
      call c_f_pointer(ctx, c)
      y = c / ((1 + x) * sqrt(x))
      stop = 0
   end function integrand
end module integrands

program main
   use, intrinsic :: ieee_arithmetic, only: ieee_positive_inf, ieee_value
   use, intrinsic :: iso_c_binding, only: c_int, c_loc, dp => c_double
   use ferrotran
   use integrands, only: integrand
   implicit none (type, external)
   integer, parameter :: batch = 3, n = 4
   real(dp) :: off(n - 1, batch), d(n, batch), b(n, batch), x(n, batch)
   real(dp) :: points(5), values(5), u(n, n), v(n, n)
   real(dp), target :: c
   type(ft_quad_result) :: area
   integer(c_int) :: status
   integer :: i

   call ferrotran_check_version() ! without `status` a failure stops the program

   ! A system is a column: the first index of Fortran is the last one of C.
   off = -1
   d = spread([(1.0_dp + i, i=1, batch)], 1, n)
   b = spread([(real(i, dp), i=1, n)], 2, batch)
   call ferrotran_solve_tridiagonal(off, d, off, b, x)
   print '(a)', "tridiagonal systems"
   print '(4f22.17)', x

   c = 2
   call ferrotran_quad(integrand, 0.0_dp, ieee_value(c, ieee_positive_inf), area, ctx=c_loc(c))
   print '(a/f22.17, ", ", i0, " evaluations")', "quadrature", area%value, area%evaluations

   points = [(0.5_dp * i, i=1, size(points))]
   call ferrotran_erf(points, values)
   print '(a/5f22.17)', "erf", values

   ! A step that is too long; D and the spacing of the grid are 1.
   u = 0
   call ferrotran_heat2d(u, 0.5_dp, 1, v, status=status)
   print '(2a)', "error: ", ferrotran_last_error_message()
   if (status /= FT_UNSTABLE) error stop "expected FT_UNSTABLE"
end program main
