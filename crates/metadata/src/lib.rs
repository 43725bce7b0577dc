//! The cluster's metadata: the image that brokers read and the controller that decides.
