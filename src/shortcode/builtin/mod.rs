//! The built-in shortcodes, one file each.
//!
//! To add one: a file here with a unit struct that implements [`Shortcode`], and its line in [`all`].

mod admonition;
mod alert;
mod callout;
mod code_sample;
mod comment;
mod details;
mod feature_state;
mod figure;
mod glossary;
mod heading;
mod highlight;
mod include;
mod mermaid;
mod param;
mod reference;
mod table;
mod tabs;
mod version_check;
mod versions;

use super::registry::Shortcode;

/// All of them.
pub(super) fn all() -> Vec<Box<dyn Shortcode>> {
    vec![
        Box::new(admonition::NOTE),
        Box::new(admonition::CAUTION),
        Box::new(admonition::WARNING),
        Box::new(alert::Alert),
        Box::new(alert::PageInfo),
        Box::new(callout::ThirdPartyContent),
        Box::new(callout::LEGACY_REPOS),
        Box::new(callout::DOCKERSHIM),
        Box::new(code_sample::CODE_SAMPLE),
        Box::new(code_sample::CODENEW),
        Box::new(code_sample::CODE),
        Box::new(comment::Comment),
        Box::new(details::Details),
        Box::new(feature_state::FeatureState),
        Box::new(figure::Figure),
        Box::new(glossary::GlossaryTooltip),
        Box::new(glossary::GlossaryDefinition),
        Box::new(heading::Heading),
        Box::new(highlight::Highlight),
        Box::new(include::Include),
        Box::new(mermaid::Mermaid),
        Box::new(param::Param),
        Box::new(reference::REF),
        Box::new(reference::RELREF),
        Box::new(table::Table),
        Box::new(tabs::Tabs),
        Box::new(tabs::Tab),
        Box::new(version_check::VersionCheck),
        Box::new(versions::LATEST_VERSION),
        Box::new(versions::LATEST_SEMVER),
        Box::new(versions::RELEASE_BRANCH),
        Box::new(versions::Skew),
    ]
}
