//! The part of a grid that one rank owns, and the cells around it that belong to others.

use std::ops::Range;

use ferrotran::stencil::{Edges, Heat2d, par_heat2d_into};
use mpi::collective::SystemOperation;
use mpi::topology::{CartesianCommunicator, Rank};
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Source};
use mpi::{Count, Tag, ffi, request};
use ndarray::{Array2, ArrayRef2, ArrayView2, ArrayViewMut2, s};

use crate::ranks::{Result, refused};

/// Rows and columns of an array.
type Window = [Range<usize>; 2];

fn part<'a>(a: &'a ArrayRef2<f64>, [rows, columns]: &Window) -> ArrayView2<'a, f64> {
    a.slice(s![rows.clone(), columns.clone()])
}

fn part_mut<'a>(a: &'a mut ArrayRef2<f64>, [rows, columns]: &Window) -> ArrayViewMut2<'a, f64> {
    a.slice_mut(s![rows.clone(), columns.clone()])
}

fn empty(window: &Window) -> Array2<f64> {
    Array2::zeros((window[0].len(), window[1].len()))
}

/// A neighbour: its rank, what it needs, what it gives.
#[derive(Debug)]
struct Side {
    rank: Rank,
    number: Tag,
    inner: Window,
    outer: Window,
    leaving: Array2<f64>,
    arriving: Array2<f64>,
}

/// Cells of the block within a halo of a neighbour: what they need, where they come out, where
/// they go.
#[derive(Debug)]
struct Rim {
    window: Window,
    inside: Window,
    target: Window,
    scratch: Array2<f64>,
}

/// One rank's part of a grid of cells.
///
/// The ranks form a Cartesian grid of their own. A block keeps, on each side on which it has a
/// neighbour, `halo` rows or columns of that neighbour's cells. With them it can take up to `halo`
/// steps between two exchanges: each step spoils one more row of the halo, and never a cell of its
/// own.
pub struct Block {
    /// The ranks.
    pub cart: CartesianCommunicator,
    /// Rows and columns of the whole grid.
    pub shape: [usize; 2],
    /// Rows and columns of ranks.
    pub dims: [usize; 2],
    /// Most steps between two exchanges.
    pub halo: usize,
    /// First row and column of the block in the whole grid.
    pub start: [usize; 2],
    /// Rows and columns of the block.
    pub size: [usize; 2],
    edges: Edges,
    own: Window,
    u: Array2<f64>,
    v: Array2<f64>,
    sides: Vec<Side>,
    rims: Vec<Rim>,
}

impl Block {
    /// Cuts a grid for the ranks of a communicator; `dims` is 0 x 0 for `MPI_Dims_create` to
    /// choose.
    ///
    /// # Errors
    ///
    /// [`Refused`](crate::ranks::Error::Refused) if `dims` does not have as many ranks, or a block
    /// is smaller than the halo.
    pub fn new(
        comm: &impl Communicator,
        shape: [usize; 2],
        halo: usize,
        edges: Edges,
        dims: [usize; 2],
    ) -> Result<Self> {
        let size = comm.size() as usize;
        if dims != [0, 0] && dims[0] * dims[1] != size {
            let [r, c] = dims;
            return refused(format!("`dims` is {r} x {c}, expected {size} ranks"));
        }
        let mut counts = dims.map(|d| d as Count);
        // SAFETY: `counts` has the two numbers that the call reads and writes.
        unsafe { ffi::MPI_Dims_create(comm.size(), 2, counts.as_mut_ptr()) };
        let dims = counts.map(|d| d as usize);
        let periodic = edges == Edges::Periodic;
        for (name, cells, parts) in [("rows", shape[0], dims[0]), ("columns", shape[1], dims[1])] {
            let least = cells / parts;
            if halo > least && (parts > 1 || periodic) {
                let [r, c] = dims;
                return refused(format!(
                    "`halo` is {halo}, expected at most {least}, the {name} of the smallest of {r} \
                     x {c} blocks"
                ));
            }
        }
        let Some(cart) = comm.create_cartesian_communicator(&counts, &[periodic; 2], true) else {
            return refused("the ranks form no grid");
        };
        let at = cart.rank_to_coordinates(cart.rank());
        let at = [at[0] as usize, at[1] as usize];
        let cut = |axis: usize, c: usize| shape[axis] * c / dims[axis];
        let start = [0, 1].map(|axis| cut(axis, at[axis]));
        let size = [0, 1].map(|axis| cut(axis, at[axis] + 1) - start[axis]);
        let there = |yes| if yes { halo } else { 0 };
        let before = at.map(|c| there(periodic || c > 0));
        let after = [0, 1].map(|axis| there(periodic || at[axis] + 1 < dims[axis]));
        let own = [0, 1].map(|axis| before[axis]..before[axis] + size[axis]);
        let padded = [0, 1].map(|axis| own[axis].end + after[axis]);
        Ok(Self {
            sides: sides(at, dims, halo, &own, [before, after]),
            rims: rims(halo, &own, padded, [before, after]),
            u: Array2::zeros(padded),
            v: Array2::zeros(padded),
            cart,
            shape,
            dims,
            halo,
            start,
            size,
            edges,
            own,
        })
    }

    /// The block's own cells.
    #[must_use]
    pub fn cells(&self) -> ArrayView2<'_, f64> {
        part(&self.u, &self.own)
    }

    /// The block's own cells, to fill.
    pub fn cells_mut(&mut self) -> ArrayViewMut2<'_, f64> {
        part_mut(&mut self.u, &self.own)
    }

    /// Takes up to `halo` steps with one exchange, behind which the interior is computed, with the
    /// threads of `pool`.
    ///
    /// Every cell has the bits of `heat2d` on the whole grid: it computes a cell by one
    /// expression, wherever the array around it ends.
    ///
    /// # Errors
    ///
    /// Those of [`par_heat2d_into`].
    pub fn advance(
        &mut self,
        pool: &rayon::ThreadPool,
        diffusivity: f64,
        dt: f64,
        steps: usize,
    ) -> Result<()> {
        // At a side with a neighbour the kernel's own edge spoils cells that the rims replace.
        let edges = match self.edges {
            Edges::Periodic => Edges::Dirichlet,
            edges => edges,
        };
        let options = Heat2d {
            edges,
            ..Heat2d::new(diffusivity, dt, steps)
        };
        let (u, v, own, cart) = (&self.u, &mut self.v, &self.own, &self.cart);
        for side in &mut self.sides {
            side.leaving.assign(&part(u, &side.inner));
        }
        let interior = request::scope(|scope| {
            let mut requests = Vec::with_capacity(2 * self.sides.len());
            for side in &mut self.sides {
                let neighbour = cart.process_at_rank(side.rank);
                let arriving = side.arriving.as_slice_mut().expect("made contiguous");
                let leaving = side.leaving.as_slice().expect("made contiguous");
                requests.push(neighbour.immediate_receive_into_with_tag(
                    scope,
                    arriving,
                    8 - side.number,
                ));
                requests.push(neighbour.immediate_send_with_tag(scope, leaving, side.number));
            }
            let mut interior = part_mut(v, own);
            let done = pool.install(|| par_heat2d_into(&part(u, own), &options, &mut interior));
            for request in requests {
                request.wait_without_status();
            }
            done
        });
        interior?;
        for side in &self.sides {
            part_mut(&mut self.u, &side.outer).assign(&side.arriving);
        }
        for rim in &mut self.rims {
            let window = part(&self.u, &rim.window);
            pool.install(|| par_heat2d_into(&window, &options, &mut rim.scratch))?;
            part_mut(&mut self.v, &rim.target).assign(&part(&rim.scratch, &rim.inside));
        }
        std::mem::swap(&mut self.u, &mut self.v);
        Ok(())
    }

    /// Returns the largest change of any cell of the grid since `before`; NaN becomes infinity.
    ///
    /// A maximum does not depend on the order of its terms, so all numbers of ranks find one
    /// value.
    #[must_use]
    pub fn change(&self, before: &ArrayRef2<f64>) -> f64 {
        let moved = |(a, b): (&f64, &f64)| {
            let by = (a - b).abs();
            if by.is_nan() { f64::INFINITY } else { by }
        };
        let cells = self.cells();
        let most = cells.iter().zip(before).map(moved).fold(0.0, f64::max);
        let mut all = 0.0;
        (self.cart).all_reduce_into(&most, &mut all, SystemOperation::max());
        all
    }
}

/// The neighbours, up to 8.
fn sides(
    at: [usize; 2],
    dims: [usize; 2],
    halo: usize,
    own: &Window,
    [before, after]: [[usize; 2]; 2],
) -> Vec<Side> {
    let mut found = Vec::new();
    for (number, by) in (0..9).map(|k| (k, [k / 3 - 1, k % 3 - 1])) {
        let there = |axis: usize| match by[axis] {
            -1 => before[axis] > 0,
            0 => true,
            _ => after[axis] > 0,
        };
        if by == [0, 0] || !there(0) || !there(1) {
            continue;
        }
        // Ranks of a Cartesian grid are numbered by rows.
        let c = [0, 1].map(|a| (at[a] as i32 + by[a]).rem_euclid(dims[a] as i32));
        // What the neighbour needs, and what it gives, on one axis.
        let strips = |axis: usize| {
            let Range { start, end } = own[axis];
            match by[axis] {
                -1 => (start..start + halo, start - halo..start),
                0 => (start..end, start..end),
                _ => (end - halo..end, end..end + halo),
            }
        };
        let ((rows, rows_outer), (columns, columns_outer)) = (strips(0), strips(1));
        let (inner, outer) = ([rows, columns], [rows_outer, columns_outer]);
        found.push(Side {
            rank: c[0] * dims[1] as i32 + c[1],
            number,
            leaving: empty(&inner),
            arriving: empty(&outer),
            inner,
            outer,
        });
    }
    found
}

/// The rims. Cells of a rim are computed from a strip three halos wide, whose middle third is
/// right.
fn rims(halo: usize, own: &Window, padded: [usize; 2], widths: [[usize; 2]; 2]) -> Vec<Rim> {
    let mut found = Vec::new();
    for (axis, after) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        if widths[after][axis] == 0 {
            continue;
        }
        let edge = [own[axis].start, own[axis].end - halo][after];
        let need = edge.saturating_sub(halo)..(edge + 2 * halo).min(padded[axis]);
        let mut window = padded.map(|p| 0..p);
        let (mut inside, mut target) = (own.clone(), own.clone());
        inside[axis] = edge - need.start..edge + halo - need.start;
        target[axis] = edge..edge + halo;
        window[axis] = need;
        found.push(Rim {
            scratch: empty(&window),
            window,
            inside,
            target,
        });
    }
    found
}
