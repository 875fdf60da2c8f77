"""What cffi compiles: the prototypes, a callback, and the library to link."""

import sys
from pathlib import Path

from cffi import FFI

sys.path.append(str(Path.cwd().parent))
import native

ffibuilder = FFI()
ffibuilder.cdef("""
    #define FT_SINGULAR ...
    #define FT_STOPPED ...
    void ft_erf_f64(ptrdiff_t n, const double *x, double *y);
    ptrdiff_t ft_tridiag_work_f64(ptrdiff_t nsys, ptrdiff_t n);
    void ft_tridiag_pivot_f64(
        ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *layout, const double *dl, const double *d,
        const double *du, const double *b, double *x, double *work, ptrdiff_t *info, int *status);
    void ft_quad_f64(
        int (*f)(void *ctx, ptrdiff_t n, const double *x, double *y), void *ctx, double a,
        double b, ptrdiff_t npoints, const double *points, double epsabs, double epsrel,
        ptrdiff_t limit, double *alist, double *blist, double *rlist, double *elist,
        ptrdiff_t *iord, ptrdiff_t *level, ptrdiff_t *ndin, double *result, double *abserr,
        ptrdiff_t *neval, ptrdiff_t *last, int *status);
    extern "Python" int nodes(void *ctx, ptrdiff_t n, const double *x, double *y);
""")
ffibuilder.set_source(
    "glue_cffi._native",
    '#include "ferrotran_kernels.h"',
    include_dirs=[str(native.INCLUDE)],
    extra_objects=[str(native.library("build/native"))],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
)
