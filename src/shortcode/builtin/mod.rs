//! The built-in shortcodes, one file each.
//!
//! To add one: a file here with a unit struct that implements [`Shortcode`], and its line in [`all`].

mod admonition;
mod alert;
mod api_reference;
mod blocks;
mod callout;
mod case_study;
mod code_sample;
mod comment;
mod details;
mod feature_gate;
mod feature_state;
mod figure;
mod glossary;
mod heading;
mod highlight;
mod home_lists;
mod imgproc;
mod include;
mod landscape;
mod link;
mod mermaid;
mod param;
mod reference;
mod releases;
mod silent;
mod social_media;
mod table;
mod tabs;
mod toc;
mod tutorials;
mod version_check;
mod versions;
mod versions_list;
mod youtube;

use super::registry::Shortcode;

/// All of them.
pub(super) fn all() -> Vec<Box<dyn Shortcode>> {
    vec![
        Box::new(admonition::NOTE),
        Box::new(admonition::CAUTION),
        Box::new(admonition::WARNING),
        Box::new(alert::Alert),
        Box::new(alert::PageInfo),
        Box::new(api_reference::ApiReference),
        Box::new(api_reference::PageApiReference),
        Box::new(callout::ThirdPartyContent),
        Box::new(callout::LEGACY_REPOS),
        Box::new(callout::DOCKERSHIM),
        Box::new(code_sample::CODE_SAMPLE),
        Box::new(code_sample::CODENEW),
        Box::new(code_sample::CODE),
        Box::new(comment::Comment),
        Box::new(details::Details),
        Box::new(feature_gate::FeatureGateDescription),
        Box::new(feature_gate::FeatureGateList),
        Box::new(feature_gate::FeatureGateTable),
        Box::new(feature_state::FeatureState),
        Box::new(figure::Figure),
        Box::new(glossary::GlossaryTooltip),
        Box::new(glossary::GlossaryDefinition),
        Box::new(heading::Heading),
        Box::new(highlight::Highlight),
        Box::new(include::Include),
        Box::new(link::Link),
        Box::new(link::Example),
        Box::new(mermaid::Mermaid),
        Box::new(param::Param),
        Box::new(reference::REF),
        Box::new(reference::RELREF),
        Box::new(releases::RELEASE_DATA),
        Box::new(releases::RELEASE_BRANCHES),
        Box::new(releases::UPCOMING_RELEASES),
        Box::new(releases::EOL_RELEASES),
        Box::new(silent::KATACODA_TUTORIAL),
        Box::new(silent::KAT_BUTTON),
        Box::new(silent::KUBEWEEKLY),
        Box::new(silent::UPCOMING_EVENTS),
        Box::new(silent::RELEASE_BINARIES),
        Box::new(silent::CVE_FEED),
        Box::new(table::Table),
        Box::new(tabs::Tabs),
        Box::new(tabs::Tab),
        Box::new(blocks::Section),
        Box::new(blocks::Feature),
        Box::new(case_study::Lead),
        Box::new(case_study::Quote),
        Box::new(home_lists::CaseStudies),
        Box::new(home_lists::Features),
        Box::new(imgproc::ImgProc),
        Box::new(landscape::Landscape),
        Box::new(social_media::SocialMediaFeed),
        Box::new(tutorials::Modules),
        Box::new(tutorials::Module),
        Box::new(tutorials::Carousel),
        Box::new(tutorials::CarouselItem),
        Box::new(youtube::YouTube),
        Box::new(version_check::VersionCheck),
        Box::new(toc::Toc),
        Box::new(versions::LATEST_VERSION),
        Box::new(versions::LATEST_SEMVER),
        Box::new(versions::RELEASE_BRANCH),
        Box::new(versions::LATEST_RELEASE_NOTES),
        Box::new(versions_list::DocVersionsList),
        Box::new(versions::Skew),
    ]
}
