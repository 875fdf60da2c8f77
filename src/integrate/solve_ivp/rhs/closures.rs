use super::guard::{Block, Evaluate, Guard};
use super::transpose::transpose;
use super::{LANES, Lanes, Returned, RightHandSide};

/// A function of one member in the service of a stepper, with memory for its rows.
pub struct Scalar<F> {
    f: F,
    rows: Vec<f64>,
}

impl<F> Scalar<F> {
    pub(super) fn new(f: F) -> Self {
        Self {
            f,
            rows: Vec::new(),
        }
    }
}

impl<F, R> Evaluate for Scalar<F>
where
    F: FnMut(f64, &[f64], &mut [f64], &[f64]) -> R,
    R: Returned,
{
    type Error = R::Error;

    fn evaluate(&mut self, block: Block<'_>) -> Result<(), R::Error> {
        each_lane(block, &mut self.rows, |t, y, dydt, p| {
            (self.f)(t, y, dydt, p).result()
        })
    }
}

impl<F, R> RightHandSide for F
where
    F: Fn(f64, &[f64], &mut [f64], &[f64]) -> R,
    R: Returned,
{
    type Error = R::Error;
    type Source<'a>
        = Guard<Scalar<&'a F>>
    where
        F: 'a;
    type Jacobian<'a>
        = Self::Source<'a>
    where
        F: 'a;

    fn source(&self, parameters: usize, outputs: usize) -> Self::Source<'_> {
        Guard::scalar(self, parameters, outputs)
    }
}

/// Calls `f` for each busy lane with rows of its own.
pub(super) fn each_lane<E>(
    block: Block<'_>,
    rows: &mut Vec<f64>,
    mut f: impl FnMut(f64, &[f64], &mut [f64], &[f64]) -> Result<(), E>,
) -> Result<(), E> {
    let lanes = block.lanes;
    if lanes == 1 {
        block.dydt.fill(block.blank);
        return f(block.t[0], block.y, block.dydt, block.p);
    }
    let (n, outputs) = (block.y.len() / lanes, block.dydt.len() / lanes);
    let parameters = block.p.len() / lanes;
    rows.resize((n + outputs + parameters) * lanes, 0.0);
    let (y, rest) = rows.split_at_mut(n * lanes);
    let (p, dydt) = rest.split_at_mut(parameters * lanes);
    transpose(block.y, lanes, y);
    transpose(block.p, lanes, p);
    dydt.fill(block.blank);
    for lane in (0..lanes).filter(|lane| block.busy >> lane & 1 == 1) {
        f(
            block.t[lane],
            &y[lane * n..][..n],
            &mut dydt[lane * outputs..][..outputs],
            &p[lane * parameters..][..parameters],
        )?;
    }
    transpose(dydt, outputs, block.dydt);
    Ok(())
}

/// A closure `f(t, y, dydt, p)` over [`LANES`] members at once: `y[i][k]` is component `i` of
/// member `k`, and so are `dydt` and the parameters `p`; `t[k]` is its time.
///
/// Written as loops over `k`, it runs in the vector units. A place that holds no member holds
/// numbers of no meaning; what is computed there is thrown away. To give the same bits one by one
/// and in a batch, `f` must treat the members alike and apart.
///
/// ```
/// use ferrotran::integrate::{InLanes, LANES, Lanes};
///
/// let decay = InLanes::new(|_t: &Lanes, y: &[Lanes], dydt: &mut [Lanes], p: &[Lanes]| {
///     for k in 0..LANES {
///         dydt[0][k] = -p[0][k] * y[0][k];
///     }
/// });
/// # let _ = decay;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct InLanes<F>(F);

impl<F, R> InLanes<F>
where
    F: Fn(&Lanes, &[Lanes], &mut [Lanes], &[Lanes]) -> R,
    R: Returned,
{
    /// Wraps the closure.
    #[must_use]
    pub const fn new(f: F) -> Self {
        Self(f)
    }
}

impl<F, R> RightHandSide for InLanes<F>
where
    F: Fn(&Lanes, &[Lanes], &mut [Lanes], &[Lanes]) -> R,
    R: Returned,
{
    type Error = R::Error;
    type Source<'a>
        = Guard<Padded<&'a F>>
    where
        F: 'a;
    type Jacobian<'a>
        = Self::Source<'a>
    where
        F: 'a;

    fn in_lanes(&self) -> bool {
        true
    }

    fn source(&self, parameters: usize, outputs: usize) -> Self::Source<'_> {
        let padded = Padded {
            f: &self.0,
            rows: Vec::new(),
        };
        Guard::new(padded, parameters, outputs)
    }
}

/// A function over [`LANES`] members in the service of a stepper, which may have fewer lanes.
pub struct Padded<F> {
    f: F,
    rows: Vec<Lanes>,
}

impl<F, R> Evaluate for Padded<F>
where
    F: FnMut(&Lanes, &[Lanes], &mut [Lanes], &[Lanes]) -> R,
    R: Returned,
{
    type Error = R::Error;

    fn evaluate(&mut self, block: Block<'_>) -> Result<(), R::Error> {
        block.dydt.fill(block.blank);
        if block.lanes == LANES
            && let Ok(t) = block.t.try_into()
        {
            let (y, p) = (block.y.as_chunks().0, block.p.as_chunks().0);
            return (self.f)(t, y, block.dydt.as_chunks_mut().0, p).result();
        }
        self.in_fewer_lanes(block)
    }
}

impl<F, R> Padded<F>
where
    F: FnMut(&Lanes, &[Lanes], &mut [Lanes], &[Lanes]) -> R,
    R: Returned,
{
    /// Fills the places that are left with copies of the first member.
    fn in_fewer_lanes(&mut self, block: Block<'_>) -> Result<(), R::Error> {
        let lanes = block.lanes;
        let (n, outputs, parameters) = (
            block.y.len() / lanes,
            block.dydt.len() / lanes,
            block.p.len() / lanes,
        );
        self.rows.resize(n + outputs + parameters, [0.0; LANES]);
        let (y, rest) = self.rows.split_at_mut(n);
        let (dydt, p) = rest.split_at_mut(outputs);
        let mut t = [block.t[0]; LANES];
        t[..lanes].copy_from_slice(block.t);
        for (rows, from) in [(&mut *y, block.y), (&mut *p, block.p)] {
            for (row, from) in rows.iter_mut().zip(from.chunks_exact(lanes)) {
                row.fill(from[0]);
                row[..lanes].copy_from_slice(from);
            }
        }
        dydt.fill([block.blank; LANES]);
        (self.f)(&t, y, dydt, p).result()?;
        for (to, row) in block.dydt.chunks_exact_mut(lanes).zip(&*dydt) {
            to.copy_from_slice(&row[..lanes]);
        }
        Ok(())
    }
}
