//! The process around the console: adapters of the ports to the world.

pub mod adapters;
