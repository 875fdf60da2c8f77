//! What the benches of the Rust face share.

/// Lower quartile, median and upper quartile, each one of the `values`.
///
/// # Panics
///
/// Without values.
#[must_use]
pub fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|k| values[k * (values.len() - 1) / 4])
}
