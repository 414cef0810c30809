//! The components of the pages, one file a component. Small parts are functions, parts with state are components.

pub mod auth_layout;
pub mod backup_fields;
pub mod card;
pub mod change_form;
pub mod confirm;
pub mod empty;
pub mod field;
pub mod figures;
pub mod form;
pub mod frame;
pub mod icon;
pub mod items;
pub mod job_progress;
pub mod log;
pub mod memory_bar;
pub mod memory_shares;
pub mod nav;
pub mod notice;
pub mod page_head;
pub mod place;
pub mod plan;
pub mod problem;
pub mod status;
pub mod stepper;
pub mod steps;
pub mod tab;
pub mod table;
pub mod text_area;
pub mod topbar;
pub mod topology;
pub mod upload;
pub mod when;

#[cfg(test)]
mod tests;
