//! The process of the console.

use clap::Parser;
use server::command_line::Arguments;
use std::process::ExitCode;

/// As many as the host allows (systemd's own limit for a service is 1024): a connection, a database and Docker each
/// want some.
fn more_descriptors() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit) {
        eprintln!("The limit of open files stays as it is: {error}.");
    }
}

fn main() -> ExitCode {
    // What the console writes is nobody else's: SQLite and the tools it calls make files as they are allowed to.
    rustix::process::umask(rustix::fs::Mode::RWXG.union(rustix::fs::Mode::RWXO));
    more_descriptors();
    let arguments = Arguments::parse();
    // Two providers are in no tree of ours, but rustls still wants to be told which.
    adapters::tls::install_provider();
    // Four threads: leptos pages wait for others while they render. Few blocking ones: each keeps its
    // memory.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).max_blocking_threads(16).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(arguments.run()),
        Err(error) => {
            eprintln!("The console cannot start its threads: {error}.");
            ExitCode::FAILURE
        }
    }
}
