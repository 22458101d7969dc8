//! The `iocsift` binary.

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|first| first == iocsift::store::embedded::SUBCOMMAND)
    {
        eprintln!("{}", iocsift::store::embedded::exec_child(arguments));
    }
    std::process::ExitCode::FAILURE
}
