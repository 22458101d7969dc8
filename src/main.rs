//! The `iocsift` binary: parse, run, exit code. Three hidden subcommands are told apart before anything
//! else happens, because they must run before any thread exists.

use std::process::ExitCode;

use iocsift::{cli, store::embedded, worker::sandbox};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(word) if word == sandbox::SUBCOMMAND => {
            let request = arguments.next().unwrap_or_default();
            sandbox::child_main(&request.to_string_lossy())
        }
        Some(word) if word == sandbox::RECOGNISE => {
            let request = arguments.next().unwrap_or_default();
            sandbox::tesseract_main(&request.to_string_lossy())
        }
        Some(word) if word == embedded::SUBCOMMAND => {
            eprintln!("iocsift: {}", embedded::exec_child(arguments));
            ExitCode::FAILURE
        }
        _ => cli::main(),
    }
}
