//! Tridiagonal elimination in plain Rust, for comparison.

use ferrotran::Real;

/// Solves one system in place by elimination with partial pivoting; `du2` has n - 2 elements.
/// `None` if a pivot is exactly zero. Golub and Van Loan, *Matrix Computations*, section 4.3.
pub(crate) fn solve<T: Real>(dl: &mut [T], d: &mut [T], du: &mut [T], b: &mut [T]) -> Option<()> {
    let n = d.len();
    for i in 0..n.saturating_sub(1) {
        if d[i].abs() >= dl[i].abs() {
            if d[i] == T::zero() {
                return None;
            }
            let factor = dl[i] / d[i];
            d[i + 1] = d[i + 1] - factor * du[i];
            b[i + 1] = b[i + 1] - factor * b[i];
            dl[i] = T::zero();
        } else {
            let factor = d[i] / dl[i];
            d[i] = dl[i];
            let below = d[i + 1];
            d[i + 1] = du[i] - factor * below;
            du[i] = below;
            dl[i] = T::zero();
            if i + 2 < n {
                dl[i] = du[i + 1];
                du[i + 1] = -factor * dl[i];
            }
            b.swap(i, i + 1);
            b[i + 1] = b[i + 1] - factor * b[i];
        }
    }
    if n > 0 && d[n - 1] == T::zero() {
        return None;
    }
    for i in (0..n).rev() {
        let mut sum = b[i];
        if i + 1 < n {
            sum = sum - du[i] * b[i + 1];
        }
        if i + 2 < n {
            sum = sum - dl[i] * b[i + 2];
        }
        b[i] = sum / d[i];
    }
    Some(())
}
