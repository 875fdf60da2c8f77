! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_quad
   !! Adaptive integration of a function of one variable.
   !!
   !! The interval with the largest error estimate is bisected; once only short intervals
   !! carry error, the sums over ever shorter ones are extrapolated. QAGS, QAGI and QAGP of
   !! Piessens, de Doncker-Kapenga, Ueberhuber and Kahaner, *QUADPACK*, Springer 1983, as one:
   !! an interval is short when it was bisected often enough.
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, c_int, c_int64_t, c_ptr, &
      c_ptrdiff_t, dp => c_double
   use ferrotran_status, only: ft_bad_integrand, ft_divergent, ft_invalid_argument, &
      ft_max_subdivisions, ft_no_convergence, ft_ok, ft_roundoff, ft_stopped
   use ferrotran_quad_epsilon, only: extrapolate, longest
   use ferrotran_quad_queue, only: last_rank, reorder, sort_all
   use ferrotran_quad_rules, only: absolute_of, apply_rule, deviation_of, eps, error_of, finite, &
      from_below, integrand, oflow, to_above, uflow, value_of, whole_line
   implicit none (type, external)
   private
   public :: ft_quad_f64

   integer(c_int64_t), parameter :: nan_bits = 9221120237041090560_c_int64_t !! quiet NaN
contains
   recursive subroutine ft_quad_f64(f, ctx, a, b, npoints, points, epsabs, epsrel, limit, &
      alist, blist, rlist, elist, iord, level, ndin, result, abserr, neval, last, status) &
      bind(c)
      !! Integrate `f` over `[a, b]`, either end infinite, to `max(epsabs, epsrel |result|)`.
      type(c_funptr), intent(in), value :: f !! an `integrand`
      type(c_ptr), intent(in), value :: ctx !! handed to `f`
      real(dp), intent(in), value :: a !! lower end
      real(dp), intent(in), value :: b !! upper end, may be below `a`
      integer(c_ptrdiff_t), intent(in), value :: npoints !! number of break points
      real(dp), intent(in) :: points(npoints) !! break points, ascending, inside the range
      real(dp), intent(in), value :: epsabs !! absolute tolerance
      real(dp), intent(in), value :: epsrel !! relative tolerance
      integer(c_ptrdiff_t), intent(in), value :: limit !! most intervals, above `npoints`
      real(dp), intent(out) :: alist(limit) !! left ends, in t for an infinite range
      real(dp), intent(out) :: blist(limit) !! right ends
      real(dp), intent(out) :: rlist(limit) !! integrals over the intervals
      real(dp), intent(out) :: elist(limit) !! their error estimates
      integer(c_ptrdiff_t), intent(out) :: iord(limit) !! intervals by decreasing error; 0: order not kept
      integer(c_ptrdiff_t), intent(out) :: level(limit) !! bisections behind each interval
      integer(c_ptrdiff_t), intent(out) :: ndin(npoints + 1) !! 1: first error was replaced
      real(dp), intent(out) :: result !! the integral
      real(dp), intent(out) :: abserr !! estimate of its absolute error
      integer(c_ptrdiff_t), intent(out) :: neval !! evaluations
      integer(c_ptrdiff_t), intent(out) :: last !! intervals in use
      integer(c_int), intent(out) :: status !! `FT_OK` or the reason to distrust `result`
      procedure(integrand), pointer :: evaluate
      real(dp) :: absolute ! integral of |f|
      real(dp) :: area ! sum over all intervals
      real(dp) :: bound ! tolerance for the sum
      real(dp) :: boundary ! the finite end of a half line
      real(dp) :: correction ! error on long intervals when the best limit was found
      real(dp) :: edges(3)
      real(dp) :: erlast
      real(dp) :: half(4, 2) ! estimates for the two halves
      real(dp) :: error12
      real(dp) :: errsum ! error of the sum
      real(dp) :: limit_error
      real(dp) :: limit_value
      real(dp) :: long_error ! error on the long intervals
      real(dp) :: past(3) ! limits of the table
      real(dp) :: table(longest + 2)
      real(dp) :: value12
      real(dp) :: wanted ! tolerance for the limit
      integer(c_ptrdiff_t) :: deeper
      integer(c_ptrdiff_t) :: depth ! an interval of `depth` or more bisections is short
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: parent
      integer(c_ptrdiff_t) :: rank ! of `worst` by error
      integer(c_ptrdiff_t) :: worst ! interval to bisect next
      integer(c_int) :: stop
      integer :: kind ! of the range
      integer :: limits ! that the table has given
      integer :: length ! of the table
      integer :: noise(3) ! signs of roundoff: before, during extrapolation, growing errors
      integer :: side
      integer :: stalled ! extrapolations since the last better one
      logical :: extrapolating
      logical :: noisy_table
      logical :: one_sign
      logical :: table_works

      call c_f_procpointer(f, evaluate)
      neval = 0
      last = 0
      result = transfer(nan_bits, 0.0_dp)
      abserr = result
      correction = 0
      call check(a, b, npoints, points, epsabs, epsrel, limit, kind, boundary, edges, status)
      if (status /= ft_ok .or. a /= a .or. b /= b) return

      area = 0
      errsum = 0
      absolute = 0
      do i = 1, npoints + 1
         if (a == b) exit
         if (i <= npoints) edges(2) = points(i)
         if (i == npoints + 1) edges(2) = edges(3)
         call apply_rule(evaluate, ctx, kind, boundary, 1, edges, half, neval, stop)
         if (stop /= 0) then
            status = ft_stopped
            return
         end if
         last = i
         alist(i) = edges(1)
         blist(i) = edges(2)
         rlist(i) = half(value_of, 1)
         elist(i) = half(error_of, 1)
         level(i) = 0
         iord(i) = i
         ndin(i) = 0
         if (half(error_of, 1) == half(deviation_of, 1) .and. half(error_of, 1) /= 0) ndin(i) = 1
         area = area + half(value_of, 1)
         errsum = errsum + half(error_of, 1)
         absolute = absolute + half(absolute_of, 1)
         edges(1) = edges(2)
      end do

      result = area
      abserr = errsum
      search: block
         if (last == 0) exit search
         if (.not. abs(area) <= oflow) then
            call give_up(area, result, abserr, status)
            exit search
         end if
         bound = max(epsabs, epsrel*abs(area))
         if (abserr == 0) exit search
         if (abserr <= bound .and. (npoints > 0 .or. ndin(1) == 0)) exit search
         if (abserr <= 100*eps*absolute .and. abserr > bound) status = ft_roundoff
         if (last == limit) status = ft_max_subdivisions
         if (status /= ft_ok) exit search

         ! Where the rule knows no better than f's deviation, assume the worst.
         do i = 1, last
            if (ndin(i) == 1) elist(i) = abserr
         end do
         errsum = sum(elist(1:last))
         call sort_all(last, elist, iord)
         rank = 1
         worst = iord(1)
         length = 1
         table(1) = area
         limits = 0
         one_sign = abs(area) >= (1 - 50*eps)*absolute
         abserr = oflow
         long_error = errsum
         wanted = bound
         depth = 1
         noise = 0
         stalled = 0
         extrapolating = .false.
         noisy_table = .false.
         table_works = .true.

         refine: do
            last = last + 1
            parent = worst
            erlast = elist(parent)
            deeper = level(parent) + 1
            edges = [alist(parent), 0.5_dp*alist(parent) + 0.5_dp*blist(parent), blist(parent)]
            call apply_rule(evaluate, ctx, kind, boundary, 2, edges, half, neval, stop)
            if (stop /= 0) then
               last = last - 1
               result = transfer(nan_bits, 0.0_dp)
               abserr = result
               status = ft_stopped
               exit search
            end if
            value12 = half(value_of, 1) + half(value_of, 2)
            error12 = half(error_of, 1) + half(error_of, 2)
            errsum = errsum + error12 - erlast
            area = area + value12 - rlist(parent)
            if (all(half(deviation_of, :) /= half(error_of, :))) then
               if (abs(rlist(parent) - value12) <= 1.0e-5_dp*abs(value12) &
                  .and. error12 >= 0.99_dp*erlast) then
                  if (extrapolating) noise(2) = noise(2) + 1
                  if (.not. extrapolating) noise(1) = noise(1) + 1
               end if
               if (last > 10 .and. error12 > erlast) noise(3) = noise(3) + 1
            end if
            ! The worse half takes the place of the whole.
            side = merge(1, 2, half(error_of, 2) <= half(error_of, 1))
            call store(parent, side)
            call store(last, 3 - side)
            if (.not. abs(area) <= oflow) then
               call give_up(area, result, abserr, status)
               exit search
            end if
            bound = max(epsabs, epsrel*abs(area))
            iord(last) = 0
            call reorder(rank, worst, last, limit, elist, iord)

            if (noise(1) + noise(2) >= 10 .or. noise(3) >= 20) status = ft_roundoff
            if (noise(2) >= 5) noisy_table = .true.
            if (last == limit .and. errsum > bound) status = ft_max_subdivisions
            if (max(abs(edges(1)), abs(edges(3))) &
               <= (1 + 100*eps)*(abs(edges(2)) + 1000*uflow)) status = ft_bad_integrand
            if (errsum <= bound) exit refine
            if (status /= ft_ok) exit refine

            if (last == 2 .and. npoints == 0) then
               ! The first halves count as long.
               length = 2
               table(2) = area
               depth = 2
               long_error = errsum
               wanted = bound
               cycle refine
            end if
            if (.not. table_works) cycle refine
            long_error = long_error - erlast
            if (deeper < depth) long_error = long_error + error12
            if (.not. extrapolating) then
               if (level(worst) < depth) cycle refine
               extrapolating = .true.
               rank = 2
            end if
            if (.not. noisy_table .and. long_error > wanted) then
               ! Bisect the long intervals first, worst first.
               do i = rank, last_rank(last, limit)
                  rank = i
                  worst = iord(i)
                  if (level(worst) < depth) cycle refine
               end do
            end if

            length = length + 1
            table(length) = area
            if (length > 2) then
               call extrapolate(length, table, limits, past, limit_value, limit_error)
               stalled = stalled + 1
               if (stalled > 5 .and. abserr < 1.0e-3_dp*errsum) status = ft_no_convergence
               if (limit_error < abserr) then
                  stalled = 0
                  abserr = limit_error
                  result = limit_value
                  correction = long_error
                  wanted = max(epsabs, epsrel*abs(result))
                  if (abserr <= wanted) exit refine
               end if
               if (length == 1) table_works = .false.
               if (status /= ft_ok) exit refine
            end if
            rank = 1
            worst = iord(1)
            extrapolating = .false.
            depth = depth + 1
            long_error = errsum
         end do refine

         if (better_sum()) then
            result = sum(rlist(1:last))
            abserr = errsum
         else if (one_sign .or. max(abs(result), abs(area)) > 0.01_dp*absolute) then
            if (area == 0 .and. (result == 0 .or. status /= ft_ok)) exit search
            if (0.01_dp > result/area .or. result/area > 100 .or. errsum > abs(area)) &
               status = ft_divergent
         end if
      end block search
      if (b < a) result = -result
   contains
      subroutine store(slot, side)
         !! Enter one half as interval number `slot`.
         integer(c_ptrdiff_t), intent(in) :: slot !! number of the interval
         integer, intent(in) :: side !! 1 for the left half, 2 for the right

         alist(slot) = edges(side)
         blist(slot) = edges(side + 1)
         rlist(slot) = half(value_of, side)
         elist(slot) = half(error_of, side)
         level(slot) = deeper
      end subroutine store

      logical function better_sum()
         !! Whether the sum is to be trusted more than the limit; settles error and status.
         better_sum = .true.
         if (errsum <= bound .or. abserr == oflow) return
         better_sum = .false.
         if (status == ft_ok .and. .not. noisy_table) return
         if (noisy_table) abserr = abserr + correction
         if (status == ft_ok) status = ft_roundoff
         if (result /= 0 .and. area /= 0) then
            better_sum = abserr/abs(result) > errsum/abs(area)
         else
            better_sum = abserr > errsum
         end if
      end function better_sum
   end subroutine ft_quad_f64

   pure subroutine check(a, b, npoints, points, epsabs, epsrel, limit, kind, boundary, edges, &
      status)
      !! Check the arguments; set the range, and its ends as `edges(1)` and `edges(3)`.
      real(dp), intent(in) :: a !! lower end
      real(dp), intent(in) :: b !! upper end
      integer(c_ptrdiff_t), intent(in) :: npoints !! number of break points
      real(dp), intent(in) :: points(npoints) !! break points
      real(dp), intent(in) :: epsabs !! absolute tolerance
      real(dp), intent(in) :: epsrel !! relative tolerance
      integer(c_ptrdiff_t), intent(in) :: limit !! most intervals
      integer, intent(out) :: kind !! kind of the range
      real(dp), intent(out) :: boundary !! the finite end of a half line
      real(dp), intent(out) :: edges(3) !! ends of the range in the variable of the rule
      integer(c_int), intent(out) :: status !! `FT_OK` or `FT_INVALID_ARGUMENT`
      integer(c_ptrdiff_t) :: i

      status = ft_invalid_argument
      edges = [min(a, b), 0.0_dp, max(a, b)]
      kind = finite
      boundary = 0
      if (npoints < 0 .or. limit <= npoints) return
      if (epsabs /= epsabs .or. epsrel /= epsrel) return
      if (epsabs <= 0 .and. epsrel < max(50*eps, 5.0e-29_dp)) return
      if (edges(1) < -oflow .or. edges(3) > oflow) then
         if (npoints > 0) return
         kind = whole_line
         if (edges(1) >= -oflow) kind = to_above
         if (edges(3) <= oflow) kind = from_below
         if (kind == to_above) boundary = edges(1)
         if (kind == from_below) boundary = edges(3)
         edges = [0.0_dp, 0.0_dp, 1.0_dp]
      end if
      if (npoints > 0) then
         if (.not. (points(1) > edges(1) .and. points(npoints) < edges(3))) return
      end if
      do i = 2, npoints
         if (.not. points(i) > points(i - 1)) return
      end do
      status = ft_ok
   end subroutine check

   pure subroutine give_up(area, result, abserr, status)
      !! Settle the outcome when the integrand was not finite somewhere.
      real(dp), intent(in) :: area !! sum over all intervals, NaN or infinite
      real(dp), intent(out) :: result !! the same
      real(dp), intent(out) :: abserr !! NaN or infinite with it
      integer(c_int), intent(out) :: status !! NaN is no reason, an infinity is one

      result = area
      abserr = abs(area)
      status = merge(ft_bad_integrand, ft_ok, abserr > oflow)
   end subroutine give_up
end module ferrotran_quad
