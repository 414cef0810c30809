//! All tests beyond one package. `live_*` need a Docker Engine and a Neo4j image, `live_notifications` only the
//! mail server of `scripts/smtp-sink.sh`; the rest runs the real router on a real port with
//! fake ports (`support/site.rs`).

mod access;
mod configuration;
mod full_disk;
mod fuzz;
mod http;
mod live_adapters;
mod live_as_new;
mod live_bad_days;
mod live_by_hand;
mod live_changes;
mod live_contract;
mod live_encryption;
mod live_jobs;
mod live_kill_points;
mod live_new;
mod live_notifications;
mod live_offline_window;
mod live_short_outage;
mod live_targets;
mod live_versions;
mod live_year;
mod refused_forms;
mod rest_api;
mod restores;
mod sign_in;
