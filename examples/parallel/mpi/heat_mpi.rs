//! Diffusion on a plate, cut into blocks over MPI ranks: `heat_mpi.py` in Rust.
//!
//! ```sh
//! mpirun -np 2 heat_mpi --shape 2000 2000 --steps 1000 --every 200 --out run
//! mpirun -np 4 heat_mpi --restart run/heat-00000400.npy --steps 1000 --out run
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

use ferrotran::stencil::{Edges, Heat2d, heat2d};
use ferrotran_mpi::block::Block;
use ferrotran_mpi::ranks::{self, Result, refused};
use ferrotran_mpi::snapshot::{self, State};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives};
use ndarray::Array2;

/// The command line; what is `None` comes from the restart file or has a default.
#[derive(Debug, Default)]
struct Options {
    shape: Option<[usize; 2]>,
    steps: Option<u64>,
    every: u64,
    tol: f64,
    halo: Option<usize>,
    edges: Option<Edges>,
    diffusivity: Option<f64>,
    dt: Option<f64>,
    dims: [usize; 2],
    threads: Option<usize>,
    out: Option<PathBuf>,
    restart: Option<PathBuf>,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut found = Self::default();
        while let Some(name) = words.next() {
            let mut word = || match words.next() {
                Some(word) => Ok(word),
                None => refused(format!("`{name}` needs a value")),
            };
            match name.as_str() {
                "--shape" => found.shape = Some([number(&name, word()?)?, number(&name, word()?)?]),
                "--steps" => found.steps = Some(number(&name, word()?)?),
                "--every" => found.every = number(&name, word()?)?,
                "--tol" => found.tol = number(&name, word()?)?,
                "--halo" => found.halo = Some(number(&name, word()?)?),
                "--diffusivity" => found.diffusivity = Some(number(&name, word()?)?),
                "--dt" => found.dt = Some(number(&name, word()?)?),
                "--dims" => found.dims = [number(&name, word()?)?, number(&name, word()?)?],
                "--threads" => found.threads = Some(number(&name, word()?)?),
                "--out" => found.out = Some(word()?.into()),
                "--restart" => found.restart = Some(word()?.into()),
                "--edges" => {
                    let word = word()?;
                    found.edges = Edges::ALL.into_iter().find(|e| e.name() == word);
                    if found.edges.is_none() {
                        let all = Edges::ALL.map(Edges::name).join(", ");
                        return refused(format!("`edges` is {word}, expected one of {all}"));
                    }
                }
                _ => return refused(format!("`{name}` is no option of heat_mpi")),
            }
        }
        if found.halo == Some(0) {
            return refused("`halo` is 0, expected at least 1");
        }
        match found.shape {
            Some([m, n]) if m == 0 || n == 0 => refused(format!(
                "`shape` is ({m}, {n}), expected two numbers above 0"
            )),
            _ => Ok(found),
        }
    }
}

fn number<T: std::str::FromStr>(name: &str, word: String) -> Result<T> {
    match word.parse() {
        Ok(number) => Ok(number),
        Err(_) => refused(format!("`{name}` is {word}, expected a number")),
    }
}

/// The start: a hot disc on a rough plate, by integers alone, so in any language.
fn plate(i: usize, j: usize, [m, n]: [usize; 2]) -> f64 {
    let off = |i: usize, m: usize| (2 * i).abs_diff(m).pow(2);
    if off(i, m) + off(j, n) <= (m.min(n) / 2).pow(2) {
        1.0
    } else {
        ((i * i + 3 * j) % 32) as f64 / 64.0
    }
}

/// Returns `given`, or what the file has; both must not differ.
fn settled<T: PartialEq + Copy + std::fmt::Debug>(
    name: &str,
    given: Option<T>,
    file: Option<T>,
    default: T,
) -> Result<T> {
    match (given, file) {
        (Some(a), Some(b)) if a != b => refused(format!("`{name}` is {a:?}, the file has {b:?}")),
        _ => Ok(file.or(given).unwrap_or(default)),
    }
}

/// Returns the block at the first step and the state of the run.
fn start(options: &Options, world: &SimpleCommunicator) -> Result<(Block, State)> {
    let file = match &options.restart {
        Some(path) => Some(snapshot::head(path, world)?),
        None => None,
    };
    let (in_file, of) = (file.map(|f| f.0), file.map(|f| f.1));
    let shape = settled("shape", options.shape, in_file, [512, 512])?;
    let state = State {
        step: of.map_or(0, |s| s.step),
        dt: settled("dt", options.dt, of.map(|s| s.dt), 0.2)?,
        diffusivity: settled(
            "diffusivity",
            options.diffusivity,
            of.map(|s| s.diffusivity),
            1.0,
        )?,
        edges: settled(
            "edges",
            options.edges,
            of.map(|s| s.edges),
            Edges::Dirichlet,
        )?,
    };
    // A step that the kernel refuses is refused by all ranks, before any of them waits.
    let few = Array2::zeros(shape.map(|n| n.min(3)));
    let step = Heat2d {
        edges: state.edges,
        ..Heat2d::new(state.diffusivity, state.dt, 1)
    };
    if let Err(error) = heat2d::<f64>(&few, &step) {
        return refused(error.to_string());
    }
    let halo = options.halo.unwrap_or(8);
    let mut block = Block::new(world, shape, halo, state.edges, options.dims)?;
    if let Some(path) = &options.restart {
        snapshot::read(path, &mut block)?;
    } else {
        let [row, column] = block.start;
        for ((i, j), u) in block.cells_mut().indexed_iter_mut() {
            *u = plate(row + i, column + j, shape);
        }
    }
    Ok((block, state))
}

fn heat(world: &SimpleCommunicator) -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let threads = options.threads.unwrap_or(ranks::cores(world));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let (mut block, mut state) = start(&options, world)?;
    let (steps, root) = (options.steps.unwrap_or(100), block.cart.rank() == 0);
    block.cart.barrier();
    let (first, began) = (state.step, mpi::time());
    let mut change = f64::INFINITY;
    while state.step < steps && change > options.tol {
        let stop = match options.every {
            0 => steps,
            every => steps.min(every * (state.step / every + 1)),
        };
        let before = block.cells().to_owned();
        while state.step < stop {
            let count = (stop - state.step).min(block.halo as u64);
            block.advance(&pool, state.diffusivity, state.dt, count as usize)?;
            state.step += count;
        }
        change = block.change(&before);
        if change.is_infinite() {
            return refused(format!("the field is not finite after step {}", state.step));
        }
        if root {
            println!("step {}: largest change {change:.3e}", state.step);
        }
        if let Some(folder) = &options.out {
            let path = folder.join(format!("heat-{:08}.npy", state.step));
            snapshot::write(&path, &block, &state)?;
        }
    }
    block.cart.barrier();
    if root {
        let ([m, n], [r, c]) = (block.shape, block.dims);
        println!(
            "{} steps of {m} x {n} cells on {r} x {c} ranks, threads of each: {threads}, {:.3} s",
            state.step - first,
            mpi::time() - began
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    ranks::run(heat)
}
