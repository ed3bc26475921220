//! docbuild from outside: the command on small sites, the rules of the code base, real browsers and
//! real clusters. One binary, one module a feature.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod build;
mod cli;
mod corpus;
mod diagnostics;
mod docs;
mod layering;
mod serve;
mod support;
