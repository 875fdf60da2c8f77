! SPDX-License-Identifier: MIT OR Apache-2.0
module glue_nodes
   !! What stands between the kernel's callback, over nodes with a context, and f2py's `f(x)`.
   use, intrinsic :: iso_c_binding, only: c_f_pointer, c_f_procpointer, c_funptr, c_int, c_ptr, &
      c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: nodes, scalar_function

   abstract interface
      function scalar_function(x) result(y)
         import :: dp
         real(dp), intent(in) :: x !! node
         real(dp) :: y !! value there
      end function scalar_function
   end interface
contains
   integer(c_int) function nodes(ctx, n, x, y) bind(c)
      !! Put the values of the function behind `ctx` at `x` into `y`.
      type(c_ptr), intent(in), value :: ctx !! a `type(c_funptr)`
      integer(c_ptrdiff_t), intent(in), value :: n !! number of nodes
      real(dp), intent(in) :: x(n) !! nodes
      real(dp), intent(out) :: y(n) !! values
      procedure(scalar_function), pointer :: f
      type(c_funptr), pointer :: behind
      integer(c_ptrdiff_t) :: i

      call c_f_pointer(ctx, behind)
      call c_f_procpointer(behind, f)
      do i = 1, n
         y(i) = f(x(i))
      end do
      nodes = 0
   end function nodes
end module glue_nodes

subroutine glue_erf(x, y)
   !! The error function.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   real(dp), intent(in) :: x !! argument
   real(dp), intent(out) :: y !! value
   interface
      subroutine ft_erf_f64(n, x, y) bind(c)
         import :: c_ptrdiff_t, dp
         integer(c_ptrdiff_t), intent(in), value :: n !! number of elements
         real(dp), intent(in) :: x !! arguments
         real(dp), intent(out) :: y !! values
      end subroutine ft_erf_f64
   end interface

   call ft_erf_f64(1_c_ptrdiff_t, x, y)
end subroutine glue_erf

subroutine glue_solve(n, dl, d, du, b, x, info)
   !! Solve a tridiagonal system.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptrdiff_t, dp => c_double
   use ferrotran_tridiag_f64, only: ft_tridiag_pivot, ft_tridiag_work
   implicit none (type, external)
   integer(c_ptrdiff_t), intent(in) :: n !! order
   real(dp), intent(in) :: dl(n - 1) !! subdiagonal
   real(dp), intent(in) :: d(n) !! diagonal
   real(dp), intent(in) :: du(n - 1) !! superdiagonal
   real(dp), intent(in) :: b(n) !! right-hand side
   real(dp), intent(out) :: x(n) !! solution
   integer(c_ptrdiff_t), intent(out) :: info !! 0, or the row without a pivot
   integer(c_ptrdiff_t), parameter :: layout(15) = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
   integer(c_ptrdiff_t), parameter :: one = 1
   real(dp), allocatable :: work(:)
   integer(c_ptrdiff_t) :: infos(1)
   integer(c_int) :: status

   allocate (work(ft_tridiag_work(one, n)))
   call ft_tridiag_pivot(one, n, layout, dl, d, du, b, x, work, infos, status)
   info = infos(1)
end subroutine glue_solve

subroutine glue_integrate(f, a, b, value, error)
   !! Integrate `f` from `a` to `b`.
   use, intrinsic :: iso_c_binding, only: c_funloc, c_funptr, c_int, c_loc, c_ptrdiff_t, &
      dp => c_double
   use ferrotran_quad, only: ft_quad_f64
   use glue_nodes, only: nodes, scalar_function
   implicit none (type, external)
   procedure(scalar_function) :: f !! integrand
   real(dp), intent(in) :: a !! lower end
   real(dp), intent(in) :: b !! upper end
   real(dp), intent(out) :: value !! integral
   real(dp), intent(out) :: error !! estimate of its error
   integer(c_ptrdiff_t), parameter :: limit = 50
   real(dp), parameter :: tol = 1.5e-8_dp
   type(c_funptr), target :: behind
   real(dp) :: reals(limit, 4), no_points(0)
   integer(c_ptrdiff_t) :: sizes(limit, 3), neval, last
   integer(c_int) :: status

   behind = c_funloc(f)
   call ft_quad_f64(c_funloc(nodes), c_loc(behind), a, b, 0_c_ptrdiff_t, no_points, tol, tol, &
      limit, reals(:, 1), reals(:, 2), reals(:, 3), reals(:, 4), sizes(:, 1), sizes(:, 2), &
      sizes(:, 3), value, error, neval, last, status)
end subroutine glue_integrate
