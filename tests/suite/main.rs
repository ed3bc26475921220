//! docbuild from outside: the command on small sites, the rules of the code base, real browsers and
//! real clusters. One binary, one module a feature.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod build;
mod case_site;
mod cli;
mod cluster;
mod corpus;
mod corruption;
mod diagnostics;
mod documents;
mod export;
mod feeds;
mod hostile;
mod incremental;
mod interruption;
mod layering;
mod markdown;
mod matching;
mod pictures;
mod reports;
mod robustness;
mod serve;
mod site;
mod support;
mod verify_bless;
mod verify_hostile;
mod verify_key;
mod verify_live;
mod verify_mutation;
mod verify_part;
mod verify_plan;
mod verify_replay;
mod verify_seed;
