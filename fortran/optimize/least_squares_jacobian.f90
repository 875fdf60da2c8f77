! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_jacobian
   !! The callback of least squares, and derivatives by differences.
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_vector, only: squares
   implicit none (type, external)
   private
   public :: residuals, differences

   real(dp), parameter :: lost = epsilon(1.0_dp) !! relative change that tells nothing

   abstract interface
      function residuals(ctx, m, n, x, r, jac) bind(c) result(stop)
         !! Put the residuals at `x` into `r` and their derivatives into `jac`, where present;
         !! nonzero stops the kernel.
         import :: c_int, c_ptr, c_ptrdiff_t, dp
         implicit none (type, external)
         type(c_ptr), intent(in), value :: ctx !! the caller's own
         integer(c_ptrdiff_t), intent(in), value :: m !! residuals
         integer(c_ptrdiff_t), intent(in), value :: n !! parameters
         real(dp), intent(in) :: x(n) !! parameters
         real(dp), intent(out), optional :: r(m) !! residuals
         real(dp), intent(out), optional :: jac(m, n) !! column `j`: derivatives by `x(j)`
         integer(c_int) :: stop
      end function residuals
   end interface
contains
   recursive subroutine differences(f, ctx, m, n, x, r, relative, lb, ub, jac, t, nfev, stop)
      !! Approximate the derivatives at `x` by forward differences; backward ones where a bound
      !! or residuals that are not finite are in the way, longer ones where roundoff hides the
      !! change.
      procedure(residuals) :: f !! residuals
      type(c_ptr), intent(in) :: ctx !! handed to `f`
      integer(c_ptrdiff_t), intent(in) :: m !! residuals
      integer(c_ptrdiff_t), intent(in) :: n !! parameters
      real(dp), intent(in) :: x(n) !! parameters
      real(dp), intent(in) :: r(m) !! residuals at `x`
      real(dp), intent(in) :: relative !! step over `|x(j)|`, or over 1 where that is too short
      real(dp), intent(in), optional :: lb(n) !! lower bounds
      real(dp), intent(in), optional :: ub(n) !! upper bounds
      real(dp), intent(out) :: jac(m, n) !! derivatives
      real(dp), intent(out) :: t(n) !! workspace: the point of an evaluation
      integer(c_ptrdiff_t), intent(inout) :: nfev !! evaluations
      integer(c_int), intent(out) :: stop !! what `f` returned
      real(dp) :: above
      real(dp) :: below
      real(dp) :: change
      real(dp) :: h
      real(dp) :: noise
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer :: trial

      stop = 0
      t = x
      noise = lost**2*squares(m, r)
      do j = 1, n
         above = huge(above)
         below = huge(below)
         if (present(ub)) above = ub(j) - x(j)
         if (present(lb)) below = x(j) - lb(j)
         h = relative*abs(x(j))
         if (h == 0) h = relative
         do trial = 1, 2
            if (h > above .and. below > above) h = -h
            h = max(-below, min(above, h))
            t(j) = x(j) + h
            if (present(lb)) t(j) = min(max(t(j), lb(j)), ub(j))
            h = t(j) - x(j) ! what was really added
            stop = f(ctx, m, n, t, jac(:, j))
            if (stop /= 0) return
            nfev = nfev + 1
            do i = 1, m
               jac(i, j) = jac(i, j) - r(i)
            end do
            change = squares(m, jac(1, j))
            if (.not. change <= huge(change)) then
               h = -h
            else if (change <= noise .and. abs(h) < relative) then
               ! The parameter is much smaller than what matters.
               h = sign(relative, h)
            else
               exit
            end if
            if (trial == 2 .or. h > above .or. -h > below) exit
         end do
         h = t(j) - x(j)
         t(j) = x(j)
         do i = 1, m
            jac(i, j) = jac(i, j)/h
         end do
      end do
   end subroutine differences
end module ferrotran_least_squares_jacobian
