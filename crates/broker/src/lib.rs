//! The broker: sockets, request handlers, partitions, and the loop that drives the machines.
