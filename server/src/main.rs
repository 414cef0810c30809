//! The process of the console.

use clap::Parser;
use server::command_line::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Two providers are in no tree of ours, but rustls still wants to be told which.
    server::adapters::tls::install_provider();
    // Four threads: leptos pages wait for others while they render (architecture.md §5.5). Few blocking ones: each keeps its
    // memory.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).max_blocking_threads(16).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(arguments.run()),
        Err(error) => {
            eprintln!("The console cannot start its threads: {error}.");
            ExitCode::FAILURE
        }
    }
}
