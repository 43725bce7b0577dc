//! Sockets: accepting, framing, answering in order.

mod activity;
mod connection;
mod frames;
mod limits;
mod listener;
mod rest;
mod send;

pub(crate) use limits::{Admission, ConnectionLimits};
pub(crate) use listener::{Listener, SocketSettings, Workers};
pub(crate) use rest::Rest;
