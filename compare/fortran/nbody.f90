! SPDX-License-Identifier: MIT OR Apache-2.0
module compare_nbody
   !! Planets about the sun by a symplectic Euler step, all pairs.
   use, intrinsic :: iso_c_binding, only: sz => c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: cmp_nbody_fortran

contains

   pure subroutine cmp_nbody_fortran(n, steps, dt, m, x, v, energy) bind(c)
      !! Move the bodies by `steps` steps.
      integer(sz), intent(in), value :: n !! number of bodies
      integer(sz), intent(in), value :: steps !! number of steps
      real(dp), intent(in), value :: dt !! length of a step
      real(dp), intent(in) :: m(n) !! masses
      real(dp), intent(inout) :: x(3, n) !! positions
      real(dp), intent(inout) :: v(3, n) !! velocities
      real(dp), intent(out) :: energy(2) !! before and after

      real(dp) :: d(3)
      real(dp) :: d2
      real(dp) :: pull
      integer(sz) :: i
      integer(sz) :: j
      integer(sz) :: step

      energy(1) = energy_of(n, m, x, v)
      do step = 1, steps
         do i = 1, n
            do j = i + 1, n
               d = x(:, i) - x(:, j)
               d2 = d(1)*d(1) + d(2)*d(2) + d(3)*d(3)
               pull = dt/(d2*sqrt(d2))
               v(:, i) = v(:, i) - d*(m(j)*pull)
               v(:, j) = v(:, j) + d*(m(i)*pull)
            end do
         end do
         x = x + dt*v
      end do
      energy(2) = energy_of(n, m, x, v)
   end subroutine cmp_nbody_fortran

   pure function energy_of(n, m, x, v) result(e)
      !! Kinetic and potential energy.
      integer(sz), intent(in) :: n !! number of bodies
      real(dp), intent(in) :: m(n) !! masses
      real(dp), intent(in) :: x(3, n) !! positions
      real(dp), intent(in) :: v(3, n) !! velocities
      real(dp) :: e !! the sum of both

      real(dp) :: d(3)
      integer(sz) :: i
      integer(sz) :: j

      e = 0
      do i = 1, n
         e = e + 0.5_dp*m(i)*(v(1, i)*v(1, i) + v(2, i)*v(2, i) + v(3, i)*v(3, i))
         do j = i + 1, n
            d = x(:, i) - x(:, j)
            e = e - m(i)*m(j)/sqrt(d(1)*d(1) + d(2)*d(2) + d(3)*d(3))
         end do
      end do
   end function energy_of

end module compare_nbody
