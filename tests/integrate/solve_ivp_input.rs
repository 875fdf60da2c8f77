//! Options that are refused, and the words for it.

use ferrotran::Error;
use ferrotran::integrate::{IvpOptions, IvpStatus, Method, solve_ivp};
use ndarray::array;

/// The message about these options on the span from 0 to 1.
fn refused(options: IvpOptions) -> String {
    let never = |_: f64, _: &[f64], _: &mut [f64]| panic!("not called");
    let run = solve_ivp(never, (0.0, 1.0), &array![1.0, 2.0], &options);
    run.unwrap_err().to_string()
}

fn default() -> IvpOptions {
    IvpOptions::default()
}

#[test]
fn bad_tolerances_are_named() {
    for bad in [f64::NAN, -1e-3, f64::INFINITY] {
        let rtol = IvpOptions {
            rtol: bad,
            ..default()
        };
        assert!(refused(rtol).starts_with(&format!("`rtol` is {bad}, expected a finite number")));
        for atol in [bad.into(), vec![1e-3, bad].into()] {
            let atol = IvpOptions { atol, ..default() };
            assert!(refused(atol).starts_with(&format!("`atol` is {bad}, expected")));
        }
    }
    let atol = vec![1e-3; 3].into();
    let message = refused(IvpOptions { atol, ..default() });
    assert_eq!(message, "`atol` has length 3, expected 2");
}

#[test]
fn bad_steps_are_named() {
    for bad in [0.0, -1.0, f64::NAN] {
        let max_step = IvpOptions {
            max_step: bad,
            ..default()
        };
        assert_eq!(
            refused(max_step),
            format!("`max_step` is {bad}, expected above 0")
        );
    }
    for bad in [0.0, -1.0, f64::NAN, 1.5, f64::INFINITY] {
        let first_step = IvpOptions {
            first_step: Some(bad),
            ..default()
        };
        let message = refused(first_step);
        assert!(message.starts_with(&format!("`first_step` is {bad}, expected above 0 and at")));
    }
    let max_steps = IvpOptions {
        max_steps: Some(0),
        ..default()
    };
    assert_eq!(refused(max_steps), "`max_steps` is 0, expected at least 1");
}

#[test]
fn bad_output_times_are_named() {
    let with = |times: &[f64]| {
        refused(IvpOptions {
            t_eval: Some(times.to_vec()),
            ..default()
        })
    };
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let message = with(&[0.5, bad]);
        assert!(message.starts_with(&format!(
            "`t_eval` is {bad}, expected a time inside `t_span`"
        )));
    }
    for times in [[0.2, 0.2], [0.3, 0.2]] {
        assert!(with(&times).starts_with("`t_eval` is 0.2, expected times sorted"));
    }
    // A span that runs backward wants them the other way round.
    let options = IvpOptions {
        t_eval: Some(vec![0.2, 0.3]),
        ..default()
    };
    let run = solve_ivp(|_, _, _| (), (1.0, 0.0), &array![1.0], &options);
    assert!(matches!(
        run,
        Err(Error::Value {
            argument: "t_eval",
            ..
        })
    ));
}

#[test]
fn a_band_is_narrower_than_the_matrix() {
    let band = IvpOptions {
        band: Some((0, 2)),
        ..default()
    };
    assert!(refused(band).starts_with("`band` is 2, expected less than"));
}

#[test]
fn spans_and_states_are_finite() {
    let run = |t_span, y| {
        let f = |_: f64, _: &[f64], _: &mut [f64]| panic!("not called");
        let run = solve_ivp(f, t_span, &array![1.0, y], &default());
        run.unwrap_err().to_string()
    };
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(run((bad, 1.0), 0.0).starts_with(&format!("`t_span` is {bad}, expected")));
        assert!(run((0.0, bad), 0.0).starts_with(&format!("`t_span` is {bad}, expected")));
        assert!(run((0.0, 1.0), bad).starts_with(&format!("`y0` is {bad}, expected")));
    }
    assert!(run((-f64::MAX, f64::MAX), 0.0).ends_with("expected an end at a finite distance"));
}

#[test]
fn statuses_have_words_and_scipys_numbers() {
    let codes = IvpStatus::ALL.map(IvpStatus::code);
    assert_eq!(codes, [0, 1, -1, -1, -1, -1, -1, -1]);
    for status in IvpStatus::ALL {
        assert_eq!(status.to_string(), status.reason());
        assert!(!status.reason().is_empty());
    }
    assert_eq!(Method::ALL.map(Method::name), ["RK45", "DOP853", "Radau"]);
}
