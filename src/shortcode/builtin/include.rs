//! `include "name.md"`: a page of the language's `includes` bundle, or one beside this page.

use crate::diagnostics::{codes, nearest};
use crate::markdown::flow::Container;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{Page, PageId};
use crate::source::{FileError, is_plain};

pub(super) struct Include;

impl Shortcode for Include {
    fn name(&self) -> &str {
        "include"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::positional("name", 0).required()];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.text("name", 0).unwrap_or_default().trim_start_matches('/').to_owned();
        if name.is_empty() {
            let said = call
                .error(codes::INCLUDE_MISSING, call.argument_span("name", 0), "this names no page to include")
                .help("write the name of a file of the language's `includes` bundle, or of one beside this page");
            call.say(said);
            return Output::default();
        }
        let Some(path) = resolve(call.page().folder(), &name) else {
            let folder = call.config().languages[call.page().language].content_dir.clone();
            call.say_file_error("name", 0, &name, &FileError::Outside, &[&folder]);
            return Output::default();
        };
        if let Some(id) = in_bundle(call, &name) {
            return included(call, id, &name, ("", ""));
        }
        if let Some(text) = file_in_bundle(call, &name) {
            return text.into();
        }
        let language = call.page().language;
        let beside =
            call.site().find(language, &path).filter(|id| call.site().page(*id).path == path || !name.contains('.'));
        match beside {
            Some(id) => included(call, id, &name, ("\n\n", "\n")),
            None => {
                missing(call, &name);
                Output::default()
            }
        }
    }
}

fn included(call: &mut Invocation<'_, '_>, id: PageId, name: &str, around: (&str, &str)) -> Output {
    let Some(fragment) = call.include_page(id) else { return Output::default() };
    let flow = call.contained(Container::Include(name.to_owned()), fragment.flow);
    Output { html: format!("{}{}{}", around.0, fragment.html, around.1), flow, part: None }
}

/// The path of a file beside a page, `.` and `..` taken out. `None` if it leads out of the language.
fn resolve(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part if is_plain(part) => parts.push(part),
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

/// The bundle that holds the language's includes.
fn bundle<'e>(call: &Invocation<'_, 'e>) -> Option<&'e Page> {
    let site = call.site();
    site.find(call.page().language, "includes").map(|id| site.page(id))
}

/// The first page of the bundle whose file name starts with `name`.
fn in_bundle(call: &Invocation<'_, '_>, name: &str) -> Option<PageId> {
    let bundle = bundle(call)?;
    let wanted = name.to_lowercase();
    let mut members: Vec<&Page> = bundle.members.iter().map(|id| call.site().page(*id)).collect();
    members.sort_by(|a, b| a.path.cmp(&b.path));
    let below = |page: &Page| page.path.get(bundle.folder().len() + 1..).unwrap_or("").to_lowercase();
    let exact = members.iter().find(|page| below(page) == wanted);
    exact.or_else(|| members.iter().find(|page| below(page).starts_with(&wanted))).map(|page| page.id)
}

/// Another file of the bundle, as it is: the language's own, else the first one of another language
/// (as Hugo shares the files of a bundle, its pages apart).
fn file_in_bundle(call: &mut Invocation<'_, '_>, name: &str) -> Option<String> {
    if name.ends_with(".md") {
        return None;
    }
    let own = call.page().language;
    let languages = std::iter::once(own).chain((0..call.config().languages.len()).filter(|other| *other != own));
    for language in languages {
        let Some(bundle) = call.site().find(language, "includes").map(|id| call.site().page(id)) else { continue };
        let folder = call.config().languages[language].content_dir.join(bundle.folder());
        if let Ok(file) = call.read_file(&folder, name) {
            return Some(file.text.clone());
        }
    }
    None
}

fn missing(call: &mut Invocation<'_, '_>, name: &str) {
    let site = call.site();
    let language = call.page().language;
    let folder = call.page().folder();
    let code = &call.config().languages[language].code;
    let members = bundle(call).map(|bundle| bundle.members.as_slice()).unwrap_or_default();
    let mut known: Vec<&str> = members.iter().map(|id| site.page(*id).path.rsplit('/').next().unwrap_or("")).collect();
    let beside = site.pages.iter().filter(|page| page.language == language && page.folder() == folder);
    known.extend(beside.map(|page| page.path.rsplit('/').next().unwrap_or("")));
    let content = site.config.content_dir.strip_prefix(&site.config.root).unwrap_or(&site.config.content_dir).display();
    let said = call
        .error(
            codes::INCLUDE_MISSING,
            call.argument_span("name", 0),
            format!("there is nothing called `{name}` to include"),
        )
        .note(format!("looked for in {content}/{code}/includes/, then beside this page"));
    call.say(match nearest(name, known.iter().copied()) {
        Some(meant) => said.help(format!("did you mean `{meant}`?")),
        None => said
            .help(format!("make {content}/{code}/includes/{name}, with an `index.md` with `headless: true` beside it")),
    });
}
