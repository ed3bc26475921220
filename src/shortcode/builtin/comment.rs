//! `comment`: what authors tell each other. Shortcodes in it run, nothing of it is shown.

use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

pub(super) struct Comment;

impl Shortcode for Comment {
    fn name(&self) -> &str {
        "comment"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::Raw, parameters: Some(&[]) }
    }

    fn run(&self, _call: &mut Invocation<'_, '_>) -> Output {
        Output::default()
    }
}
