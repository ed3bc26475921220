//! What a page works on and another page makes: "create the sample Deployment first", with a link.
//!
//! In: a page with its plan, the pages it links to. Out: the [`Setup`]s: for each object that its commands name
//! and that none of its blocks makes, the command of a linked page that makes it.

use crate::verify::extract::Page;
use crate::verify::model::Role;
use crate::verify::plan::files::FileSource;
use crate::verify::plan::{PagePlan, PlannedCommand, Setup, makes_something, missing_objects};

/// A link of a page to another: its line, and what it leads to.
pub(crate) struct Linked<T> {
    pub(crate) line: usize,
    pub(crate) page: T,
}

/// Looks for what makes the missing objects of a page: on the pages it links to, then on those that these link to.
/// `other` plans a page, `further` has the links of the linked pages; each is asked only where something is missing.
pub(crate) fn find<T: Copy>(
    plan: &PagePlan,
    page: &Page,
    links: &[Linked<T>],
    further: &dyn Fn() -> Vec<Linked<T>>,
    other: &dyn Fn(T) -> (Page, PagePlan),
) -> Vec<Setup> {
    let mut missing = missing_objects(plan, page);
    let mut setups = vec![];
    look(links, &mut missing, &mut setups, other);
    if !missing.is_empty() {
        look(&further(), &mut missing, &mut setups, other);
    }
    setups
}

/// Takes what the linked pages make off the missing objects.
fn look<T: Copy>(
    links: &[Linked<T>],
    missing: &mut Vec<String>,
    setups: &mut Vec<Setup>,
    other: &dyn Fn(T) -> (Page, PagePlan),
) {
    for link in links {
        if missing.is_empty() {
            break;
        }
        let (linked, linked_plan) = other(link.page);
        missing.retain(|name| {
            let maker = commands(&linked_plan).find(|command| makes(command, name, &linked, &linked_plan));
            let Some(command) = maker else { return true };
            setups.push(Setup {
                page: linked.path.clone(),
                line: link.line,
                makes: name.clone(),
                command: command.clone(),
            });
            false
        });
    }
}

/// The commands of a page that run on the machine.
fn commands(plan: &PagePlan) -> impl Iterator<Item = &PlannedCommand> {
    let blocks = plan.blocks.iter().filter(|block| block.role != Role::Output && block.in_session.is_none());
    blocks.flat_map(|block| &block.commands).filter(|command| command.skip.is_none() && command.session.is_none())
}

/// Whether a command makes an object of this name: by its words, or by a manifest that it reads.
fn makes(command: &PlannedCommand, name: &str, page: &Page, plan: &PagePlan) -> bool {
    let named = |text: &str| text.lines().any(|line| line.trim().trim_start_matches("- ") == format!("name: {name}"));
    let reads = command.files.iter().any(|file| match &file.source {
        FileSource::Site(path) => {
            page.examples.iter().any(|example| path.ends_with(&example.path) && named(&example.text))
        }
        FileSource::Block(id) => plan.block(*id).is_some_and(|block| named(&block.block.text)),
    });
    makes_something(&command.text)
        && (reads || named(&command.text) || command.text.split_whitespace().any(|word| word == name))
}
