# A batch of tridiagonal systems, a quadrature, erf, and an error, from Julia.
using Printf

const lib = "libferrotran.so.0.1" # on LD_LIBRARY_PATH, or where the linker looks
const FT_OK, FT_PIVOTING_PARTIAL, FT_UNSTABLE = 0, 0, 80
const HEADER = 1000 # the version that these calls are of, 0.1.0

last_error() = unsafe_string(ccall((:ft_last_error_message, lib), Cstring, ()))

# The message belongs to the thread that made the call: ask at once.
check(status) = status == FT_OK || error(last_error())

struct QuadResult
    value::Cdouble
    abs_error::Cdouble
    evaluations::Cptrdiff_t
    subintervals::Cptrdiff_t
    status::Cint
end

# c / ((1 + x) sqrt(x)), whose integral over the positive numbers is c pi.
function integrand(ctx::Ptr{Cdouble}, x::Cdouble, y::Ptr{Cdouble})::Cint
    unsafe_store!(y, unsafe_load(ctx) / ((1 + x) * sqrt(x)))
    return 0
end

print_row(x) = println(join(@sprintf("%22.17f", v) for v in x))

check(ccall((:ft_check_version, lib), Cint, (Cint,), HEADER))

# A system is a column: the first index of Julia is the last one of C.
batch, n = 3, 4
off = fill(-1.0, n - 1, batch)
d = [2.0 + k for i in 1:n, k in 0:batch-1]
b = [Float64(i) for i in 1:n, k in 1:batch]
x = zeros(n, batch)
check(ccall((:ft_solve_tridiagonal_batch, lib), Cint,
    (Cptrdiff_t, Cptrdiff_t, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Cint,
        Ptr{Cdouble}, Ptr{Cptrdiff_t}, Ptr{Cptrdiff_t}),
    batch, n, off, d, off, b, FT_PIVOTING_PARTIAL, x, C_NULL, C_NULL))
println("tridiagonal systems")
foreach(print_row, eachcol(x))

c = Ref(2.0)
area = Ref{QuadResult}()
f = @cfunction(integrand, Cint, (Ptr{Cdouble}, Cdouble, Ptr{Cdouble}))
check(ccall((:ft_quad, lib), Cint,
    (Ptr{Cvoid}, Ref{Cdouble}, Cdouble, Cdouble, Ptr{Cvoid}, Ref{QuadResult}),
    f, c, 0.0, Inf, C_NULL, area))
@printf("quadrature\n%22.17f, %d evaluations\n", area[].value, area[].evaluations)

points = collect(0.5:0.5:2.5)
values = similar(points)
check(ccall((:ft_erf, lib), Cint,
    (Cptrdiff_t, Ptr{Cdouble}, Cptrdiff_t, Ptr{Cdouble}, Cptrdiff_t),
    length(points), points, 1, values, 1))
println("erf")
print_row(values)

# A step that is too long; D and the spacing of the grid are 1.
u = zeros(n, n)
status = ccall((:ft_heat2d, lib), Cint,
    (Cptrdiff_t, Cptrdiff_t, Ptr{Cdouble}, Cptrdiff_t, Ptr{Cdouble}, Cptrdiff_t, Cdouble,
        Cptrdiff_t, Ptr{Cvoid}, Ptr{Cdouble}, Cptrdiff_t),
    n, n, u, n, C_NULL, 0, 0.5, 1, C_NULL, u, n)
println("error: ", last_error())
status == FT_UNSTABLE || error("expected FT_UNSTABLE")
