"""Write the constants of `fortran/integrate/radau5_table.inc`.

Usage: python scripts/radau5_table.py > fortran/integrate/radau5_table.inc

The collocation method at the Radau points c (zeros of d^2/dx^2 x^2 (x - 1)^3) has the matrix A
with sum_j A_ij c_j^k = c_i^(k+1)/(k+1). T brings its inverse to the block-diagonal form of one
real eigenvalue and one rotation: inverse(T) inverse(A) T = diag(gamma, [alpha, -beta; beta,
alpha]). The weights e make gamma/h I - J times the error estimate of Hairer and Wanner,
*Solving ODEs II*, 1996, IV.8: f(t, y) + (e_1 z_1 + e_2 z_2 + e_3 z_3)/h.
"""

from mpmath import lu_solve, matrix, mp, mpc, mpf

mp.dps = 60
DIGITS = 33


def constant(name: str, value: mpf, comment: str) -> None:
    """Write one number."""
    print(f"   ! {comment}")
    print(f"   real(dp), parameter :: {name} = {mp.nstr(value, DIGITS)}_dp")


def array(name: str, shape: str, values: list[mpf], comment: str) -> None:
    """Write an array, in Fortran's order."""
    numbers = ", &\n      ".join(f"{mp.nstr(v, DIGITS)}_dp" for v in values)
    whole = f"[ &\n      {numbers}]"
    if "," in shape:
        whole = f"reshape({whole}, [{shape}])"
    print(f"   ! {comment}")
    print(f"   real(dp), parameter :: {name}({shape}) = {whole}")


def main() -> None:
    """Compute and print."""
    root = mp.sqrt(6)
    c = [(4 - root) / 10, (4 + root) / 10, mpf(1)]
    powers = matrix(3, 3)
    moments = matrix(3, 3)
    for i in range(3):
        for k in range(3):
            powers[i, k] = c[i] ** k
            moments[i, k] = c[i] ** (k + 1) / (k + 1)
    inverse = powers * moments**-1
    third = mp.cbrt(3)
    gamma = 3 + third**2 - third
    alpha = 3 + (third - third**2) / 2
    beta = mp.sqrt(3) * (third + third**2) / 2
    columns = []
    for value in (gamma, mpc(alpha, -beta)):
        # The last component is 1, the first two rows of inverse(A) - value give the others.
        a = matrix([[inverse[i, j] - (value if i == j else 0) for j in range(2)] for i in range(2)])
        b = matrix([-inverse[0, 2], -inverse[1, 2]])
        columns.append([*lu_solve(a, b), mpf(1)])
    t = matrix(3, 3)
    for i in range(3):
        t[i, 0] = mp.re(columns[0][i])
        t[i, 1] = mp.re(columns[1][i])
        t[i, 2] = mp.im(columns[1][i])
    blocks = t**-1 * inverse * t
    want = matrix([[gamma, 0, 0], [0, alpha, -beta], [0, beta, alpha]])
    if mp.mnorm(blocks - want) > mpf(10) ** -50:
        raise ArithmeticError(blocks)
    ti = t**-1
    e = [(-13 - 7 * root) / 3, (-13 + 7 * root) / 3, -mpf(1) / 3]

    print("! python scripts/radau5_table.py, mpmath, 33 digits.")
    array("node", "3", c, "The Radau points.")
    constant("lambda", gamma, "Real eigenvalue of inverse(A).")
    constant("mu_re", alpha, "Real part of the complex ones.")
    constant("mu_im", beta, "Their imaginary part.")
    array("to_z", "3, 3", [t[i, j] for j in range(3) for i in range(3)], "T: eigenvectors.")
    array("to_w", "3, 3", [ti[i, j] for j in range(3) for i in range(3)], "Inverse of T.")
    array("weight", "3", e, "Weights of the error estimate.")


main()
