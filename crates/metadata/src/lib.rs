//! The cluster's metadata: the image that brokers read and the controller that decides.
//!
//! **Invariant:** everything here is a pure function of records, requests and the moment it is handed. It names no
//! clock, disk, socket, thread, entropy or randomly seeded map, so that a simulator can run it from one seed.

pub mod bootstrap;
pub mod controller;
pub mod delta;
pub mod features;
pub mod image;
pub mod loader;
mod placement;
pub mod quotas;
mod record;
mod version;

pub use image::Image;
pub use record::Record;
pub use version::MetadataVersion;
