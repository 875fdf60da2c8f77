//! Calls a library written in Chapel, and compares it with ferrotran.

mod chapel;

use ferrotran::stencil::{Edges, Heat2d, par_heat2d};
use ndarray::{Array2, Zip};

fn main() -> ferrotran::Result<()> {
    let mut u = Array2::from_shape_fn((120, 90), |(i, j)| ((31 * i + 17 * j) as f64).sin());
    let options = Heat2d {
        edges: Edges::Neumann,
        ..Heat2d::new(0.2, 1.0, 51)
    };
    let mut ours = par_heat2d(&u, &options)?;
    for tasks in 1..=3 {
        let v = chapel::heat2d(&u, 0.2, 51, tasks).expect("the arguments are right");
        let same = Zip::from(&v)
            .and(&ours)
            .all(|a, b| a.to_bits() == b.to_bits());
        assert!(same, "{tasks} tasks: the bits differ");
    }
    println!("heat2d: 120 x 90 cells, 51 steps, the bits of ferrotran");

    let expected = Zip::from(&u)
        .and(&ours)
        .fold(0.0, |m: f64, a, b| m.max((a - b).abs()));
    let slices = (u.as_slice_mut(), ours.as_slice_mut());
    let (Some(a), Some(b)) = slices else {
        unreachable!("both are in standard order");
    };
    assert_eq!(chapel::largest_difference(a, b), Ok(expected));
    println!("largest change: {expected}, as Rust has it");

    let refused = chapel::heat2d(&u, 0.3, 1, 1).expect_err("r is too large");
    println!("r = 0.3: {refused:?}");
    Ok(())
}
