//! Runs what pages print, and compares.
//!
//! `extract -> classify -> plan -> execute -> matching -> verdict -> report (-> bless)`: each arrow is a plain
//! value of [`model`], so that a plan can be printed without a cluster and a recorded run can be
//! matched again. What is decided follows `docs/dev/verify.md`.
//!
//! In: [`crate::markdown::Article`] flows, a [`crate::cluster::Handle`] (or a recording).
//! Out: [`model::Report`].

pub(crate) mod answers;
pub mod baseline;
pub mod bless;
mod cache;
pub mod classify;
mod clusters;
pub mod cues;
pub mod edit;
pub mod execute;
pub mod extract;
pub mod flaky;
mod hosts;
pub mod images;
pub mod matching;
pub mod model;
pub mod pages;
pub mod plan;
pub(crate) mod prerequisites;
pub mod prompt;
pub mod recording;
pub mod report;
pub mod run;
pub mod shard;
pub mod shell;
pub mod since;
pub mod verdict;
pub mod words;
