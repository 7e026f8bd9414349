//! A network of simulated hosts and links, in one thread and on virtual time.
//!
//! It knows the loop's `Driver`. It does not know real sockets.
