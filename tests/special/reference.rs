//! Errors in ulp against `tests/data/special/*.csv`, values at 50 digits.

use std::fs;
use std::path::Path;

/// An argument and its value, as the double nearest to it and the rest in ulp.
pub(crate) struct Row {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// The value is `y + e ulp(y)`.
    pub(crate) e: f64,
}

/// Reads the rows of a function.
pub(crate) fn rows(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/special/{name}.csv"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let rows: Vec<Row> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.split(',');
            let mut next = || fields.next().unwrap();
            Row {
                x: hexadecimal(next()),
                y: hexadecimal(next()),
                e: next().parse().unwrap(),
            }
        })
        .collect();
    assert!(rows.len() > 500, "{name}.csv has {} rows", rows.len());
    rows
}

/// A double in C's hexadecimal notation, as Python writes it.
fn hexadecimal(text: &str) -> f64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |t| (-1.0, t));
    let Some(digits) = digits.strip_prefix("0x") else {
        return sign * digits.parse::<f64>().unwrap();
    };
    let (mantissa, exponent) = digits.split_once('p').unwrap();
    let (one, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let bits = u64::from_str_radix(&format!("{one}{fraction}"), 16).unwrap();
    let exponent = exponent.parse::<i32>().unwrap() - 4 * i32::try_from(fraction.len()).unwrap();
    // Two steps, so that a subnormal number's power of two stays in range; both are exact.
    let half = exponent / 2;
    sign * (bits as f64) * f64::from(half).exp2() * f64::from(exponent - half).exp2()
}

/// The distance between doubles near `y`, on the side of the value.
fn ulp(y: f64, e: f64) -> f64 {
    let away = y.abs().next_up() - y.abs();
    let power_of_two = y.to_bits().trailing_zeros() >= 52 && y.abs() > 1e-300;
    if power_of_two && e * y < 0.0 {
        away / 2.0
    } else {
        away
    }
}

/// The error of `got` in ulp of the value; where `scale` is larger, in ulp of `scale`.
pub(crate) fn error(row: &Row, got: f64, scale: f64) -> f64 {
    if row.y.is_infinite() || !got.is_finite() {
        return if got == row.y { 0.0 } else { f64::INFINITY };
    }
    let own = ulp(row.y, row.e);
    let unit = own.max(ulp(scale, 1.0));
    ((got - row.y) / unit - row.e * (own / unit)).abs()
}

/// The error of `got` in ulp of the value rounded to `f32`; where `scale` is larger, of `scale`.
pub(crate) fn error_f32(row: &Row, got: f32, scale: f32) -> f64 {
    let rounded = row.y as f32;
    if rounded.is_infinite() || !got.is_finite() {
        return if got == rounded { 0.0 } else { f64::INFINITY };
    }
    let size = rounded.abs().max(scale);
    (f64::from(got) - row.y).abs() / f64::from(size.next_up() - size)
}

/// Asserts the bounds over all rows, by an array call, and prints the largest errors found.
/// `scale` is the metric's smallest size of a value at `x`.
pub(crate) fn check(
    name: &str,
    bound: f64,
    scale: impl Fn(f64) -> f64,
    double: impl Fn(&[f64]) -> Vec<f64>,
    single: impl Fn(&[f32]) -> Vec<f32>,
) {
    let rows = rows(name);
    let x: Vec<f64> = rows.iter().map(|row| row.x).collect();
    let errors = rows
        .iter()
        .zip(double(&x))
        .map(|(row, y)| (error(row, y, scale(row.x)), row.x));
    let (worst, at) = errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    println!("{name}: {worst:.3} ulp at {at:?}");
    assert!(
        worst <= bound,
        "{name}({at:?}) is {worst} ulp off, bound {bound}"
    );

    let rows: Vec<Row> = rows
        .into_iter()
        .filter(|row| f64::from(row.x as f32) == row.x)
        .collect();
    assert!(rows.len() > 100);
    let x: Vec<f32> = rows.iter().map(|row| row.x as f32).collect();
    let errors = rows
        .iter()
        .zip(single(&x))
        .map(|(row, y)| (error_f32(row, y, scale(row.x) as f32), row.x));
    let (worst, at) = errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    println!("{name} in f32: {worst:.5} ulp at {at:?}");
    // Computed in double precision and rounded: half an ulp, and 2^-29 of the double's error.
    assert!(worst <= 0.5001, "{name}({at:?}) in f32 is {worst} ulp off");
}
