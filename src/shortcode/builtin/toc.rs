//! `toc`: the contents list of the page, where the author wants it.

use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

pub(super) struct Toc;

impl Shortcode for Toc {
    fn name(&self) -> &str {
        "toc"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        call.contents_place().into()
    }
}
