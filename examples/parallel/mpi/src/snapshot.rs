//! Files of the whole grid, written and read by all ranks at once (MPI-IO).
//!
//! A file is in NumPy's format, one record: the step, what the run was asked for, and the grid.
//! Its bytes do not depend on the number of ranks, nor on the language of the program.

use std::ffi::{CString, c_int, c_void};
use std::io::Read;
use std::path::{Path, PathBuf};

use ferrotran::stencil::Edges;
use mpi::datatype::{Equivalence, UserDatatype};
use mpi::ffi;
use mpi::raw::AsRaw;
use mpi::traits::{Communicator, CommunicatorCollectives};

use crate::block::Block;
use crate::ranks::{Error, Result, on_root, text_of};

/// What a file says besides the cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Steps taken.
    pub step: u64,
    /// Time step.
    pub dt: f64,
    /// Diffusivity.
    pub diffusivity: f64,
    /// What the sides of the whole grid do.
    pub edges: Edges,
}

/// Bytes of the state in a record.
const STATE: usize = 40;

/// The bytes before the record, format 1.0 of `numpy.lib.format`.
fn header([m, n]: [usize; 2]) -> Vec<u8> {
    let mut text = format!(
        "{{'descr': [('step', '<i8'), ('dt', '<f8'), ('diffusivity', '<f8'), ('edges', '|S16'), \
         ('u', '<f8', ({m}, {n}))], 'fortran_order': False, 'shape': (), }}"
    );
    let length = (text.len() + 11).next_multiple_of(64) - 11;
    text += &" ".repeat(length - text.len());
    text += "\n";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

/// Header and state: all that comes before the cells.
fn head_bytes(shape: [usize; 2], state: &State) -> Vec<u8> {
    let mut bytes = header(shape);
    let mut name = [0; 16];
    name[..state.edges.name().len()].copy_from_slice(state.edges.name().as_bytes());
    bytes.extend(state.step.to_le_bytes());
    bytes.extend(state.dt.to_le_bytes());
    bytes.extend(state.diffusivity.to_le_bytes());
    bytes.extend(name);
    bytes
}

/// A file that all ranks have open, and the type of a row of this rank's block.
struct File {
    raw: ffi::MPI_File,
    path: PathBuf,
}

impl File {
    fn open(comm: &impl Communicator, path: &Path, mode: u32) -> Result<Self> {
        let mut file = Self {
            // SAFETY: a constant of the library.
            raw: unsafe { ffi::RSMPI_FILE_NULL },
            path: path.to_path_buf(),
        };
        let name = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| Error::Refused(format!("{} holds a zero", path.display())))?;
        // SAFETY: `name` ends with a zero; the communicator is alive, the handle is ours.
        let code = unsafe {
            let info = ffi::RSMPI_INFO_NULL;
            ffi::MPI_File_open(
                comm.as_raw(),
                name.as_ptr(),
                mode as c_int,
                info,
                &mut file.raw,
            )
        };
        file.check("MPI_File_open", code)?;
        Ok(file)
    }

    fn check(&self, call: &'static str, code: c_int) -> Result<()> {
        if code == ffi::MPI_SUCCESS as c_int {
            return Ok(());
        }
        Err(Error::File {
            call,
            path: self.path.display().to_string(),
            text: text_of(code),
        })
    }

    /// Shows each rank its block of the file.
    fn view(&self, block: &Block) -> Result<()> {
        let [shape, size, start] =
            [block.shape, block.size, block.start].map(|a| a.map(|x| x as c_int));
        let offset = (header(block.shape).len() + STATE) as ffi::MPI_Offset;
        // SAFETY: the arrays have two numbers each, the strings end with a zero; the type is made,
        // committed, handed to the view, which keeps it, and freed once.
        let code = unsafe {
            let double = ffi::RSMPI_DOUBLE;
            let mut of_block = ffi::RSMPI_DATATYPE_NULL;
            ffi::MPI_Type_create_subarray(
                2,
                shape.as_ptr(),
                size.as_ptr(),
                start.as_ptr(),
                ffi::MPI_ORDER_C as c_int,
                double,
                &mut of_block,
            );
            ffi::MPI_Type_commit(&mut of_block);
            let (native, info) = (c"native".as_ptr(), ffi::RSMPI_INFO_NULL);
            let code = ffi::MPI_File_set_view(self.raw, offset, double, of_block, native, info);
            ffi::MPI_Type_free(&mut of_block);
            code
        };
        self.check("MPI_File_set_view", code)
    }

    /// Checks that as many rows went through as the block has: Open MPI says so nowhere else.
    fn all_rows(&self, call: &'static str, status: &ffi::MPI_Status, block: &Block) -> Result<()> {
        let (mut found, expected, row) = (0, block.size[0] as c_int, row_of(block));
        // SAFETY: `status` is that of a finished call.
        unsafe { ffi::MPI_Get_count(status, row.as_raw(), &mut found) };
        self.all_of(call, found, expected)
    }

    fn all_of(&self, call: &'static str, found: c_int, expected: c_int) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        let found = match found {
            0.. => found.to_string(),
            _ => "some".into(), // and a part of one
        };
        Err(Error::File {
            call,
            path: self.path.display().to_string(),
            text: format!("{found} of {expected} parts went through"),
        })
    }

    fn close(mut self) -> Result<()> {
        // SAFETY: the file is open, and nobody uses the handle after this.
        let code = unsafe { ffi::MPI_File_close(&mut self.raw) };
        self.check("MPI_File_close", code)
    }
}

/// A status for a call to fill.
fn no_status() -> ffi::MPI_Status {
    // SAFETY: a C struct of numbers, for which zeros are values.
    unsafe { std::mem::zeroed() }
}

/// The type of a row of the block: counts of rows fit an `int` where counts of cells may not.
fn row_of(block: &Block) -> UserDatatype {
    UserDatatype::contiguous(block.size[1] as c_int, &f64::equivalent_datatype())
}

/// Writes a file, collectively; it has its name only when it is whole.
///
/// # Errors
///
/// [`Error::File`] and [`Error::Refused`], with the path.
pub fn write(path: &Path, block: &Block, state: &State) -> Result<()> {
    let (part, comm) = (path.with_extension("part"), &block.cart);
    on_root(comm, || match path.parent().map(std::fs::create_dir_all) {
        Some(Err(error)) => Err(format!("{}: {error}", path.display())),
        _ => Ok([]),
    })?;
    let file = File::open(comm, &part, ffi::MPI_MODE_CREATE | ffi::MPI_MODE_WRONLY)?;
    let head = head_bytes(block.shape, state);
    let bytes = (head.len() + 8 * block.shape[0] * block.shape[1]) as ffi::MPI_Offset;
    let cells = block.cells().as_standard_layout().into_owned();
    let (row, mut status) = (row_of(block), no_status());
    // SAFETY: the file is open on all ranks, which all come here; `head` has as many bytes, and
    // `cells` as many rows of that type, and both live until the calls return.
    unsafe {
        file.check("MPI_File_set_size", ffi::MPI_File_set_size(file.raw, bytes))?;
        if comm.rank() == 0 {
            let (from, byte) = (head.as_ptr().cast::<c_void>(), ffi::RSMPI_UINT8_T);
            let (count, mut found) = (head.len() as c_int, 0);
            let code = ffi::MPI_File_write_at(file.raw, 0, from, count, byte, &mut status);
            file.check("MPI_File_write_at", code)?;
            ffi::MPI_Get_count(&status, byte, &mut found);
            file.all_of("MPI_File_write_at", found, count)?;
        }
        file.view(block)?;
        let (from, count) = (cells.as_ptr().cast::<c_void>(), block.size[0] as c_int);
        let code = ffi::MPI_File_write_at_all(file.raw, 0, from, count, row.as_raw(), &mut status);
        file.check("MPI_File_write_at_all", code)?;
        file.all_rows("MPI_File_write_at_all", &status, block)?;
        file.check("MPI_File_sync", ffi::MPI_File_sync(file.raw))?;
    }
    file.close()?;
    let rename = || std::fs::rename(&part, path).map(|()| []);
    on_root(comm, || {
        rename().map_err(|e| format!("{}: {e}", path.display()))
    })?;
    Ok(())
}

/// Returns the shape of the grid and the state in a file, on all ranks.
///
/// # Errors
///
/// [`Error::Refused`] if it cannot be read, or is another file.
pub fn head(path: &Path, comm: &impl Communicator) -> Result<([usize; 2], State)> {
    let [m, n, step, dt, diffusivity, edges] = on_root(comm, || {
        read_head(path).map_err(|text| format!("{}: {text}", path.display()))
    })?;
    let state = State {
        step,
        dt: f64::from_bits(dt),
        diffusivity: f64::from_bits(diffusivity),
        edges: Edges::ALL[edges as usize],
    };
    Ok(([m as usize, n as usize], state))
}

fn read_head(path: &Path) -> std::result::Result<[u64; 6], String> {
    let other = || "it is not a file of this program".to_owned();
    let mut file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    let longest = (header([usize::MAX; 2]).len() + STATE) as u64;
    let read = file.by_ref().take(longest).read_to_end(&mut bytes);
    read.map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let shape = text.split_once("('u', '<f8', (").and_then(|(_, rest)| {
        let (m, n) = rest.split_once("))]")?.0.split_once(", ")?;
        Some([m.parse().ok()?, n.parse().ok()?])
    });
    let shape: [usize; 2] = shape.ok_or_else(other)?;
    let first = header(shape);
    if !bytes.starts_with(&first) || bytes.len() < first.len() + STATE {
        return Err(other());
    }
    let state = &bytes[first.len()..][..STATE];
    let word = |i: usize| u64::from_le_bytes(std::array::from_fn(|k| state[8 * i + k]));
    let name = state[24..].split(|b| *b == 0).next().unwrap_or_default();
    let edges = Edges::ALL.iter().position(|e| e.name().as_bytes() == name);
    let expected = (first.len() + STATE + 8 * shape[0] * shape[1]) as u64;
    let found = file.metadata().map_err(|e| e.to_string())?.len();
    if found != expected {
        return Err(format!("it has {found} bytes, expected {expected}"));
    }
    let [m, n] = shape.map(|x| x as u64);
    Ok([
        m,
        n,
        word(0),
        word(1),
        word(2),
        edges.ok_or_else(other)? as u64,
    ])
}

/// Fills the block, collectively, whatever ranks wrote the file.
///
/// # Errors
///
/// [`Error::File`], with the path.
pub fn read(path: &Path, block: &mut Block) -> Result<()> {
    let file = File::open(&block.cart, path, ffi::MPI_MODE_RDONLY)?;
    file.view(block)?;
    let mut cells = block.cells().as_standard_layout().into_owned();
    let (row, mut status) = (row_of(block), no_status());
    // SAFETY: `cells` has as many rows of that type, and lives until the call returns.
    let code = unsafe {
        let (to, count) = (cells.as_mut_ptr().cast::<c_void>(), block.size[0] as c_int);
        ffi::MPI_File_read_at_all(file.raw, 0, to, count, row.as_raw(), &mut status)
    };
    file.check("MPI_File_read_at_all", code)?;
    file.all_rows("MPI_File_read_at_all", &status, block)?;
    file.close()?;
    block.cells_mut().assign(&cells);
    block.cart.barrier();
    Ok(())
}
