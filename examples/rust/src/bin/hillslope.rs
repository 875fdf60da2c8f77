//! Hillslope diffusion in plain Rust, the language's entry in the comparison of `make demo`.
//!
//! `hillslope <input> <output> <rows> <columns> <ry> <rx> <steps>`: reads a grid of f64 in the
//! machine's byte order, then for each line on standard input diffuses it afresh and answers
//! with a line; `save` also writes the result. `ry` and `rx` are `D dt / dy²` and `D dt / dx²`.
//! The program stays alive between lines so that a caller times the arithmetic, not the start.

use std::error::Error;
use std::io::{BufRead, Write};

/// The grid and the numbers of one run; edges are closed (no flux).
struct Run {
    rows: usize,
    columns: usize,
    ry: f64,
    rx: f64,
    steps: usize,
}

impl Run {
    /// Returns the grid after all steps.
    fn diffuse(&self, start: &[f64]) -> Vec<f64> {
        let mut old = start.to_vec();
        let mut new = vec![0.0; start.len()];
        for _ in 0..self.steps {
            self.step(&old, &mut new);
            std::mem::swap(&mut old, &mut new);
        }
        old
    }

    /// One explicit five-point step; a missing neighbour counts as equal to the cell.
    fn step(&self, old: &[f64], new: &mut [f64]) {
        let n = self.columns;
        for (i, target) in new.chunks_exact_mut(n).enumerate() {
            let row = &old[i * n..][..n];
            let above = &old[i.saturating_sub(1) * n..][..n];
            let below = &old[(i + 1).min(self.rows - 1) * n..][..n];
            let cell = |j: usize, left: f64, right: f64| {
                let here = row[j];
                here + self.ry * (above[j] - 2.0 * here + below[j])
                    + self.rx * (left - 2.0 * here + right)
            };
            target[0] = cell(0, row[0], row[1]);
            for j in 1..n - 1 {
                target[j] = cell(j, row[j - 1], row[j + 1]);
            }
            target[n - 1] = cell(n - 1, row[n - 2], row[n - 1]);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rows, columns, ry, rx, steps] = arguments.as_slice() else {
        return Err("usage: hillslope input output rows columns ry rx steps".into());
    };
    let run = Run {
        rows: rows.parse()?,
        columns: columns.parse()?,
        ry: ry.parse()?,
        rx: rx.parse()?,
        steps: steps.parse()?,
    };
    let bytes = std::fs::read(input)?;
    let (words, _) = bytes.as_chunks::<8>();
    let start: Vec<f64> = words.iter().map(|w| f64::from_ne_bytes(*w)).collect();
    if run.rows < 1 || run.columns < 2 || start.len() != run.rows * run.columns {
        return Err(format!("{input} holds {} numbers, not rows * columns", start.len()).into());
    }

    let mut answers = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let end = run.diffuse(&start);
        if line? == "save" {
            let bytes: Vec<u8> = end.iter().flat_map(|x| x.to_ne_bytes()).collect();
            std::fs::write(output, bytes)?;
        }
        writeln!(answers, "{}", end[0])?;
        answers.flush()?;
    }
    Ok(())
}
