// A batch of tridiagonal systems, a quadrature, erf, and an error, from C++.
#include <ferrotran.h>

#include <cmath>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

// Throws what the library says of the last call.
void check(int status) {
    if (status != FT_OK)
        throw std::runtime_error(ft_last_error_message());
}

// Integrates anything that can be called; what it throws comes out again, but does not cross C.
template <class F> ft_quad_result quad(F f, double a, double b) {
    struct Context {
        F &f;
        std::exception_ptr thrown;
    } context{f, nullptr};
    const auto call = [](void *ctx, double x, double *y) noexcept -> int {
        auto &self = *static_cast<Context *>(ctx);
        try {
            *y = self.f(x);
            return 0;
        } catch (...) {
            self.thrown = std::current_exception();
            return 1;
        }
    };
    ft_quad_result result;
    const int status = ft_quad(call, &context, a, b, nullptr, &result);
    if (context.thrown)
        std::rethrow_exception(context.thrown);
    check(status);
    return result;
}

void print_row(const double *first, const double *last) {
    for (; first != last; ++first)
        std::cout << std::setw(22) << *first;
    std::cout << '\n';
}

void run() {
    check(ft_check_header());

    const std::ptrdiff_t batch = 3, n = 4;
    std::vector<double> off(batch * (n - 1), -1.0), d(batch * n), b(batch * n), x(batch * n);
    for (std::ptrdiff_t i = 0; i < batch * n; ++i) {
        d[i] = 2.0 + static_cast<double>(i / n);
        b[i] = static_cast<double>(i % n) + 1.0;
    }
    check(ft_solve_tridiagonal_batch(batch, n, off.data(), d.data(), off.data(), b.data(),
                                     FT_PIVOTING_PARTIAL, x.data(), nullptr, nullptr));
    std::cout << "tridiagonal systems\n";
    for (std::ptrdiff_t k = 0; k < batch; ++k)
        print_row(&x[k * n], &x[k * n] + n);

    const double c = 2.0;
    const auto area = quad([c](double t) { return c / ((1.0 + t) * std::sqrt(t)); }, 0.0,
                           std::numeric_limits<double>::infinity());
    std::cout << "quadrature\n"
              << std::setw(22) << area.value << ", " << area.evaluations << " evaluations\n";

    const std::vector<double> points{0.5, 1.0, 1.5, 2.0, 2.5};
    std::vector<double> values(points.size());
    check(ft_erf(static_cast<std::ptrdiff_t>(points.size()), points.data(), 1, values.data(), 1));
    std::cout << "erf\n";
    print_row(values.data(), values.data() + values.size());

    // A step that is too long; D and the spacing of the grid are 1.
    std::vector<double> u(n * n);
    const int status = ft_heat2d(n, n, u.data(), n, nullptr, 0, 0.5, 1, nullptr, u.data(), n);
    std::cout << "error: " << ft_last_error_message() << '\n';
    if (status != FT_UNSTABLE)
        throw std::logic_error("expected FT_UNSTABLE");
}

} // namespace

int main() {
    std::cout << std::fixed << std::setprecision(17);
    try {
        run();
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
