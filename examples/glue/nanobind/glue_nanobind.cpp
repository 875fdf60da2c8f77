// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/pair.h>

extern "C" {
#define restrict __restrict__
#include "ferrotran_kernels.h"
#undef restrict
}

namespace nb = nanobind;
using namespace nb::literals;
using Function = std::function<double(double)>;
using Input = nb::ndarray<const double, nb::ndim<1>, nb::device::cpu>;
using Output = nb::ndarray<nb::numpy, double, nb::ndim<1>>;

static double erf_(double x) {
    double y;
    ft_erf_f64(1, &x, &y);
    return y;
}

// The lowest address of a vector; `at` says where its elements are from there.
static const double *place(const Input &a, ptrdiff_t *at) {
    at[0] = std::max<ptrdiff_t>((1 - static_cast<ptrdiff_t>(a.size())) * a.stride(0), 0);
    at[1] = 0;
    at[2] = a.stride(0);
    return a.data() - at[0];
}

static Output solve_tridiagonal(const Input &dl, const Input &d, const Input &du, const Input &b) {
    const size_t n = d.size();
    if (dl.size() + 1 != n || du.size() + 1 != n || b.size() != n)
        throw nb::value_error("dl, d, du and b must have lengths n-1, n, n-1 and n");
    auto x = std::make_unique<double[]>(n);
    ptrdiff_t layout[5][3] = {{0}, {0}, {0}, {0}, {0, 0, 1}}, info;
    const double *at[] = {place(dl, layout[0]), place(d, layout[1]), place(du, layout[2]),
                          place(b, layout[3])};
    int status;
    {
        nb::gil_scoped_release released;
        const auto work = std::make_unique<double[]>(ft_tridiag_work_f64(1, n));
        ft_tridiag_pivot_f64(1, n, layout[0], at[0], at[1], at[2], at[3], x.get(), work.get(),
                             &info, &status);
    }
    if (status == FT_SINGULAR) {
        const auto error = nb::module_::import_("numpy.linalg").attr("LinAlgError");
        PyErr_Format(error.ptr(), "row %zd has no pivot: the matrix is singular", info);
        throw nb::python_error();
    }
    nb::capsule owner(x.get(), [](void *p) noexcept { delete[] static_cast<double *>(p); });
    return Output(x.release(), {n}, owner);
}

// What the callback finds behind `ctx`.
struct Call {
    const Function &f;
    std::exception_ptr error;
};

// An exception of C++ must not pass through Fortran: it waits until the kernel has stopped.
extern "C" int nodes(void *ctx, ptrdiff_t n, const double *x, double *y) noexcept {
    auto &call = *static_cast<Call *>(ctx);
    try {
        std::transform(x, x + n, y, call.f);
    } catch (...) {
        call.error = std::current_exception();
        return 1;
    }
    return 0;
}

static std::pair<double, double> integrate(const Function &f, double a, double b) {
    constexpr ptrdiff_t limit = 50;
    double reals[4][limit], value, error;
    ptrdiff_t sizes[3][limit], neval, last;
    int status;
    Call call{f, nullptr};
    ft_quad_f64(nodes, &call, a, b, 0, nullptr, 1.5e-8, 1.5e-8, limit, reals[0], reals[1], reals[2],
                reals[3], sizes[0], sizes[1], sizes[2], &value, &error, &neval, &last, &status);
    if (call.error)
        std::rethrow_exception(call.error);
    return {value, error};
}

NB_MODULE(glue_nanobind, m) {
    m.doc() = "The three functions through nanobind.";
    m.def("erf", erf_, "x"_a, "Return the error function of x.");
    m.def("solve_tridiagonal", solve_tridiagonal, "dl"_a, "d"_a, "du"_a, "b"_a,
          "Solve a tridiagonal system.");
    m.def("integrate", integrate, "f"_a, "a"_a, "b"_a,
          "Integrate f from a to b; return the integral and an estimate of its error.");
}
