//! Shortcodes that show nothing: those whose service is gone, and those whose content is fetched from elsewhere while
//! the site is built, which docbuild does not do.

use crate::diagnostics::{Diagnostic, codes};
use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

pub(super) struct Silent {
    name: &'static str,
    /// What it would fetch.
    fetches: Option<&'static str>,
}

impl Silent {
    const fn retired(name: &'static str) -> Self {
        Self { name, fetches: None }
    }
}

pub(super) const KATACODA_TUTORIAL: Silent = Silent::retired("katacoda-tutorial");
pub(super) const KAT_BUTTON: Silent = Silent::retired("kat-button");
pub(super) const KUBEWEEKLY: Silent = Silent::retired("kubeweekly");
pub(super) const UPCOMING_EVENTS: Silent = Silent::retired("upcoming-events");
pub(super) const RELEASE_BINARIES: Silent = Silent { name: "release-binaries", fetches: Some("a list of downloads") };
pub(super) const CVE_FEED: Silent = Silent { name: "cve-feed", fetches: Some("a list of vulnerabilities") };

impl Shortcode for Silent {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: None }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        if let Some(what) = self.fetches {
            let name = self.name;
            let said = Diagnostic::information(
                codes::SHORTCODE_OFFLINE,
                format!("`{name}` shows nothing: it would fetch {what} from the network"),
            );
            let at = call.at();
            call.say(
                said.at(&at.file, at.span).help(format!(
                    "a file `layouts/shortcodes/{name}.html` in the site can show something in its place"
                )),
            );
        }
        "\n".into()
    }
}
