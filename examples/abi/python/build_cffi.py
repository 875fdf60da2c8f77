"""Compile the module `ferrotran_cffi`: the compiler reads the header and checks this against it."""

from cffi import FFI

ffibuilder = FFI()
ffibuilder.cdef("""
    #define FT_OK ...
    #define FT_UNSTABLE ...
    #define FT_PIVOTING_PARTIAL ...
    struct ft_quad_result {
        double value;
        ptrdiff_t evaluations;
        ...;
    };
    int ft_check_header(void);
    const char *ft_last_error_message(void);
    int ft_solve_tridiagonal_batch(
        ptrdiff_t batch, ptrdiff_t n, const double *dl, const double *d, const double *du,
        const double *b, int pivoting, double *x, const ptrdiff_t *strides, ptrdiff_t *info);
    int ft_quad(
        int (*f)(void *ctx, double x, double *y), void *ctx, double a, double b,
        const void *options, struct ft_quad_result *result);
    int ft_erf(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
    int ft_heat2d(
        ptrdiff_t rows, ptrdiff_t columns, const double *u, ptrdiff_t u_row, const double *cells,
        ptrdiff_t cells_row, double dt, ptrdiff_t steps, const void *options, double *out,
        ptrdiff_t out_row);
    extern "Python" int integrand(void *ctx, double x, double *y);
""")
ffibuilder.set_source_pkgconfig("ferrotran_cffi", ["ferrotran"], "#include <ferrotran.h>")

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
