//! What every call does: no panic leaves it, its status and message are kept for the thread.

use std::any::Any;
use std::cell::Cell;
use std::ffi::{c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::callback;
use crate::failure::{Done, Failure};
use crate::header as ft;

/// Bytes of a message with its final zero.
const ROOM: usize = 1024;

/// A message in place, without destructor: threads that end may still call.
struct Text(Cell<[u8; ROOM]>);

thread_local! {
    static MESSAGE: Text = const { Text(Cell::new([0; ROOM])) };
    static CODE: Cell<c_int> = const { Cell::new(0) };
}

/// Runs the body of the function `name` and returns its status.
pub(crate) fn call(name: &str, body: impl FnOnce() -> Done) -> c_int {
    let outcome = match callback::left() {
        true => Err(Failure::new(
            ft::FT_CALLBACK_LEFT,
            "an earlier call was left by longjmp out of its callback; this one did nothing",
        )),
        false => caught(body),
    };
    match outcome {
        Ok(()) => {
            keep("");
            CODE.set(0);
            ft::FT_OK
        }
        Err(failure) => {
            keep(&format!("{name}: {}", failure.message));
            CODE.set(failure.code);
            failure.status
        }
    }
}

/// Runs `body`; a panic becomes a failure.
fn caught(body: impl FnOnce() -> Done) -> Done {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let words = words(&*panic);
        let message = format!("a defect of the library, please report it: {words}");
        // The payload may panic when it is dropped.
        std::mem::forget(panic);
        Err(Failure::new(ft::FT_INTERNAL, message))
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let string = panic.downcast_ref::<String>().map(String::as_str);
    string
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
}

/// Keeps the message for this thread; what does not fit ends in dots.
fn keep(message: &str) {
    MESSAGE.with(|text| {
        // SAFETY: the place belongs to this thread and no reference to it exists elsewhere.
        let place = unsafe { &mut *text.0.as_ptr() };
        let mut length = message.len().min(ROOM - 1);
        if length < message.len() {
            length -= "...".len();
            while !message.is_char_boundary(length) {
                length -= 1;
            }
        }
        place[..length].copy_from_slice(&message.as_bytes()[..length]);
        if length < message.len() {
            place[length..length + 3].copy_from_slice(b"...");
            length += 3;
        }
        place[length] = 0;
    });
}

/// Keeps the message of a wrapper.
pub(crate) fn report(message: &str) {
    keep(message);
    CODE.set(0);
}

/// The message of the last call of this thread.
pub(crate) fn last_message() -> *const c_char {
    MESSAGE.with(|text| text.0.as_ptr().cast_const().cast())
}

/// What the callback returned that stopped the last call of this thread.
pub(crate) fn last_code() -> c_int {
    CODE.get()
}

/// Defines a function of the header that returns a status.
macro_rules! entry {
    ($(fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of `ferrotran.h`.")]
            ///
            /// # Safety
            /// Pointers lead to as many elements as the header says, and callbacks return.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name($($argument: $type),*) -> std::ffi::c_int {
                $crate::call::call(stringify!($name), || $body)
            }

            // The compiler accepts this only if the header declares the same type.
            const _: () = {
                let _ = [$crate::header::$name, $name];
            };
        )*
    };
}

pub(crate) use entry;

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn kept() -> String {
        // SAFETY: the message ends in a zero.
        let text = unsafe { CStr::from_ptr(last_message()) };
        text.to_str().expect("valid UTF-8").to_owned()
    }

    #[test]
    fn a_panic_becomes_a_status() {
        let status = call("ft_test", || panic!("planted {}", 1));
        assert_eq!(status, ft::FT_INTERNAL);
        assert!(kept().starts_with("ft_test: a defect") && kept().ends_with("planted 1"));
        assert_eq!(call("ft_test", || Ok(())), ft::FT_OK);
        assert_eq!(kept(), "");
    }

    #[test]
    fn a_long_message_ends_in_dots_between_characters() {
        let long = "é".repeat(1000);
        call("ft_test", || Err(Failure::new(ft::FT_SINGULAR, long)));
        assert!(kept().len() < ROOM && kept().ends_with("é..."));
    }
}
