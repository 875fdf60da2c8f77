// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

extern "C" {
#define restrict __restrict__
#include "ferrotran_kernels.h"
#undef restrict
}

namespace py = pybind11;
using Function = std::function<double(double)>;
// Strides that are multiples of 8 bytes; the default, `py::array::forcecast`, drops imaginary parts.
using Array = py::array_t<double, py::detail::npy_api::NPY_ARRAY_ALIGNED_>;

static double erf_(double x) {
    double y;
    ft_erf_f64(1, &x, &y);
    return y;
}

// The lowest address of a vector; `at` says where its elements are from there.
static const double *place(const Array &a, ptrdiff_t *at) {
    const ptrdiff_t stride = a.strides(0) / static_cast<ptrdiff_t>(sizeof(double));
    at[0] = std::max<ptrdiff_t>((1 - a.shape(0)) * stride, 0);
    at[1] = 0;
    at[2] = stride;
    return a.data() - at[0];
}

static Array solve_tridiagonal(const Array &dl, const Array &d, const Array &du, const Array &b) {
    for (const Array *a : {&dl, &d, &du, &b})
        if (a->ndim() != 1)
            throw py::value_error("dl, d, du and b must have one dimension");
    const ptrdiff_t n = d.size();
    if (dl.size() != n - 1 || du.size() != n - 1 || b.size() != n)
        throw py::value_error("dl, d, du and b must have lengths n-1, n, n-1 and n");
    Array x(n);
    double *result = x.mutable_data();
    ptrdiff_t layout[5][3] = {{0}, {0}, {0}, {0}, {0, 0, 1}}, info;
    const double *at[] = {place(dl, layout[0]), place(d, layout[1]), place(du, layout[2]),
                          place(b, layout[3])};
    int status;
    {
        py::gil_scoped_release released;
        const auto work = std::make_unique<double[]>(ft_tridiag_work_f64(1, n));
        ft_tridiag_pivot_f64(1, n, layout[0], at[0], at[1], at[2], at[3], result, work.get(), &info,
                             &status);
    }
    if (status == FT_SINGULAR) {
        const auto error = py::module_::import("numpy.linalg").attr("LinAlgError");
        const auto text = "row " + std::to_string(info) + " has no pivot: the matrix is singular";
        py::set_error(error, text.c_str());
        throw py::error_already_set();
    }
    return x;
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

PYBIND11_MODULE(glue_pybind11, m) {
    m.doc() = "The three functions through pybind11.";
    m.def("erf", py::vectorize(erf_), py::arg("x"), "Return the error function of x.");
    m.def("solve_tridiagonal", solve_tridiagonal, py::arg("dl"), py::arg("d"), py::arg("du"),
          py::arg("b"), "Solve a tridiagonal system.");
    m.def("integrate", integrate, py::arg("f").none(false), py::arg("a"), py::arg("b"),
          "Integrate f from a to b; return the integral and an estimate of its error.");
}
