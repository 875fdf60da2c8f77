//! Members side by side.

use super::*;

/// Two coupled equations with a parameter that changes their nature: an oscillator at 0, growth
/// that ends in a pole at 1, an equation that is stiff at 2.
fn zoo(t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    (dydt[0], dydt[1]) = match p[0] {
        0.0 => (y[1], -y[0]),
        1.0 => (y[0] * y[0], y[0] * t),
        _ => (-1e4 * (y[0] - t.cos()), -y[1]),
    };
}

fn one_by_one_and_together<M: Pair>() {
    let tolerances = [1e-9, 1e-7];
    let ends = [20.0, 3.0, 1.0, -7.0, 0.0, 1e-9];
    let starts: Vec<_> = (0..40)
        .map(|k| {
            (
                [0.5 + 0.1 * (k % 9) as f64, -0.3],
                [(k % 3) as f64],
                ends[k % 6],
            )
        })
        .chain([
            ([f64::NAN, 1.0], [0.0], 1.0),
            ([1.0, f64::INFINITY], [1.0], 1.0),
        ])
        .collect();
    let starts: Vec<_> = starts
        .iter()
        .filter(|(_, _, t_end)| *t_end != 0.0)
        .map(|(y, p, t_end)| start(0.0, *t_end, y, p))
        .collect();
    let mut wide = Explicit::<M, 8>::new(2, 1, 1e-6, &tolerances);
    let together = drive(&mut wide, zoo, &starts);
    assert_eq!(together.len(), starts.len());
    let mut narrow = Explicit::<M, 1>::new(2, 1, 1e-6, &tolerances);
    for (one, run) in starts.iter().zip(&together) {
        assert_eq!(drive(&mut narrow, zoo, &[*one])[0], *run);
    }
    let failed = |why| {
        together
            .iter()
            .filter(|r| r.end == Attempt::Failed(why))
            .count()
    };
    assert_eq!(failed(Breakdown::NotFinite), 2);
    assert!(failed(Breakdown::StepTooSmall) > 0, "poles");
    assert!(together.iter().any(|r| r.counts.stiff > 0), "stiff");
    assert!(together.iter().any(|r| r.counts.rejected > 0));
}

#[test]
fn members_have_the_same_bits_alone_and_in_any_company() {
    one_by_one_and_together::<DormandPrince54>();
    one_by_one_and_together::<DormandPrince853>();
}

/// FNV-1a over the bits; the tests run with each `FERROTRAN_ISA`, and on other processors.
#[test]
fn bits_do_not_depend_on_the_instruction_set() {
    fn digest(runs: &[Run]) -> u64 {
        let numbers = runs.iter().flat_map(|r| {
            let states = r.y.iter().chain(&r.middle).flatten();
            r.t.iter().chain(states).copied().collect::<Vec<_>>()
        });
        let bytes = numbers.flat_map(|x: f64| x.to_bits().to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
    let one = start(0.0, 5.0, &[1.0, 2.0, 3.0], &[]);
    let starts = vec![one; 8];
    let mut rk45 = Rk45::<8>::new(3, 0, 1e-6, &[1e-8; 3]);
    let mut dop853 = Dop853::<8>::new(3, 0, 1e-6, &[1e-8; 3]);
    let found = [
        digest(&drive(&mut rk45, lorenz, &starts)),
        digest(&drive(&mut dop853, lorenz, &starts)),
    ];
    let known = [0x17a7_9df3_5d9d_97a5, 0x0212_3a6f_38c2_5b85];
    assert_eq!(found, known, "{found:#x?}");
}

/// A right-hand side that is called for all lanes meets nobody's numbers in the idle ones.
#[test]
fn idle_lanes_hold_the_numbers_of_a_member() {
    unsafe extern "C" fn root(
        ctx: *mut c_void,
        lanes: isize,
        n: isize,
        t: *const f64,
        y: *const f64,
        dydt: *mut f64,
        p: *const f64,
    ) -> c_int {
        assert_eq!((lanes, n), (8, 1));
        // SAFETY: `ctx` is the test's counter; the kernel's arrays hold 8 numbers.
        let (seen, t, y, dydt, p) = unsafe {
            (
                &mut *ctx.cast::<usize>(),
                slice::from_raw_parts(t, 8),
                slice::from_raw_parts(y, 8),
                slice::from_raw_parts_mut(dydt, 8),
                slice::from_raw_parts(p, 8),
            )
        };
        for lane in 0..8 {
            let good = t[lane] >= 1.0 && y[lane] > 0.0 && p[lane] == 2.0;
            *seen += usize::from(!good);
            dydt[lane] = p[lane] * y[lane].sqrt() / t[lane];
        }
        0
    }
    let mut strange = 0_usize;
    let rhs = Rhs {
        f: root,
        ctx: (&raw mut strange).cast(),
    };
    let mut stepper = Dop853::<8>::new(1, 1, 1e-6, &[1e-6]);
    let mut outcome = [Attempt::Idle; 8];
    for (lane, t_end) in [(6, 2.0), (2, 1.5), (6, 7.0)] {
        stepper.load(lane, &start(1.0, t_end, &[1.0], &[2.0]));
        while stepper.t(lane) != t_end {
            stepper.attempt(&rhs, &mut outcome).expect("no stop");
            let wanted = outcome.map(|o| o == Attempt::Accepted);
            stepper.prepare(&rhs, &wanted).expect("no stop");
        }
        stepper.clear(lane);
    }
    assert_eq!(strange, 0);
}
