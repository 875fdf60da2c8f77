# SPDX-License-Identifier: MIT OR Apache-2.0
"""The three functions through Cython."""

cimport cython
import numpy as np


cdef extern from "ferrotran_kernels.h" nogil:
    enum: FT_SINGULAR
    enum: FT_STOPPED
    void ft_erf_f64(ptrdiff_t n, const double *x, double *y)
    ptrdiff_t ft_tridiag_work_f64(ptrdiff_t nsys, ptrdiff_t n)
    void ft_tridiag_pivot_f64(
        ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *layout, const double *dl, const double *d,
        const double *du, const double *b, double *x, double *work, ptrdiff_t *info, int *status)

cdef extern from "ferrotran_kernels.h":
    void ft_quad_f64(
        int (*f)(void *ctx, ptrdiff_t n, const double *x, double *y) noexcept, void *ctx, double a,
        double b, ptrdiff_t npoints, const double *points, double epsabs, double epsrel,
        ptrdiff_t limit, double *alist, double *blist, double *rlist, double *elist,
        ptrdiff_t *iord, ptrdiff_t *level, ptrdiff_t *ndin, double *result, double *abserr,
        ptrdiff_t *neval, ptrdiff_t *last, int *status)


@cython.ufunc
cdef double erf(double x) nogil:
    """Return the error function of `x`."""
    cdef double y
    ft_erf_f64(1, &x, &y)
    return y


cdef const double *place(const double[:] a, ptrdiff_t *at) noexcept:
    """The lowest address of a vector; `at` says where its elements are from there."""
    cdef ptrdiff_t stride = a.strides[0] // <ptrdiff_t>sizeof(double)
    at[0] = max((1 - a.shape[0]) * stride, 0)
    at[1] = 0
    at[2] = stride
    return (<const double *><const void *>&a[0]) - at[0] if a.shape[0] else NULL


def solve_tridiagonal(
    const double[:] dl not None,
    const double[:] d not None,
    const double[:] du not None,
    const double[:] b not None,
):
    """Solve a tridiagonal system."""
    cdef ptrdiff_t n = d.shape[0], info
    if (dl.shape[0], du.shape[0], b.shape[0]) != (n - 1, n - 1, n):
        raise ValueError("dl, d, du and b must have lengths n-1, n, n-1 and n")
    if (dl.strides[0] | d.strides[0] | du.strides[0] | b.strides[0]) % <ptrdiff_t>sizeof(double):
        raise ValueError("a stride is no multiple of 8 bytes")
    result = np.empty(n)
    cdef double[::1] x = result, work = np.empty(ft_tridiag_work_f64(1, n))
    cdef ptrdiff_t[15] layout = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    cdef const double *at[4]
    at[:] = [
        place(dl, layout), place(d, layout + 3), place(du, layout + 6), place(b, layout + 9)
    ]
    cdef int status
    with nogil:
        ft_tridiag_pivot_f64(
            1, n, layout, at[0], at[1], at[2], at[3], &x[0], &work[0], &info, &status)
    if status == FT_SINGULAR:
        raise np.linalg.LinAlgError(f"row {info} has no pivot: the matrix is singular")
    return result


cdef class Call:
    """What the callback finds behind `ctx`."""
    cdef object f, error


cdef int nodes(void *ctx, ptrdiff_t n, const double *x, double *y) noexcept:
    """Call the Python function at each node; keep its exception."""
    cdef Call call = <Call>ctx
    try:
        for i in range(n):
            y[i] = call.f(x[i])
    except BaseException as error:  # Cython would print it and go on
        call.error = error
        return 1
    return 0


def integrate(f, double a, double b):
    """Integrate `f` from `a` to `b`; return the integral and an estimate of its error."""
    cdef double reals[4][50]
    cdef ptrdiff_t sizes[3][50]
    cdef ptrdiff_t neval, last
    cdef double value, error
    cdef int status
    cdef Call call = Call()
    call.f = f
    ft_quad_f64(
        nodes, <void *>call, a, b, 0, NULL, 1.5e-8, 1.5e-8, 50, reals[0], reals[1], reals[2],
        reals[3], sizes[0], sizes[1], sizes[2], &value, &error, &neval, &last, &status)
    if status == FT_STOPPED:
        raise call.error
    return value, error
