use super::LANES;

/// Puts rows of so many `columns` into columns.
pub(super) fn transpose(from: &[f64], columns: usize, to: &mut [f64]) {
    const L: usize = LANES;
    // Loops of unknown length take much longer to begin than these few moves take.
    match (from.len() / columns.max(1), columns) {
        (1, L) => fixed::<1, L>(from, to),
        (2, L) => fixed::<2, L>(from, to),
        (3, L) => fixed::<3, L>(from, to),
        (4, L) => fixed::<4, L>(from, to),
        (5, L) => fixed::<5, L>(from, to),
        (6, L) => fixed::<6, L>(from, to),
        (L, 1) => fixed::<L, 1>(from, to),
        (L, 2) => fixed::<L, 2>(from, to),
        (L, 3) => fixed::<L, 3>(from, to),
        (L, 4) => fixed::<L, 4>(from, to),
        (L, 5) => fixed::<L, 5>(from, to),
        (L, 6) => fixed::<L, 6>(from, to),
        (rows, _) => {
            for (i, row) in from.chunks_exact(columns.max(1)).enumerate() {
                for (to, from) in to[i..].iter_mut().step_by(rows).zip(row) {
                    *to = *from;
                }
            }
        }
    }
}

fn fixed<const ROWS: usize, const COLUMNS: usize>(from: &[f64], to: &mut [f64]) {
    let from: Result<&[[f64; COLUMNS]; ROWS], _> = from.as_chunks().0.try_into();
    let to: Result<&mut [[f64; ROWS]; COLUMNS], _> = to.as_chunks_mut().0.try_into();
    if let (Ok(from), Ok(to)) = (from, to) {
        for (i, row) in from.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                to[j][i] = *value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_transposed() {
        for rows in 0..12 {
            for columns in 0..12 {
                let from: Vec<f64> = (0..rows * columns).map(|k| k as f64).collect();
                let mut to = vec![f64::NAN; from.len()];
                transpose(&from, columns, &mut to);
                for (k, value) in from.iter().enumerate() {
                    assert_eq!(to[k % columns * rows + k / columns], *value);
                }
            }
        }
    }
}
