//! One page, command by command.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::confine::Confinement;
use super::depends::Missing;
use super::driver::{Done, Shell};
use super::facts::Observer;
use super::lease::Lease;
use super::poll::Asked;
use super::session::Session;
use super::workspace::{self, Workspace};
use super::{Options, Place, Watcher, depends, names, pids, safety};
use crate::cluster::Handle;
use crate::verify::images;
use crate::verify::matching::{Actual, Bindings, VolatileFacts};
use crate::verify::plan::files::{FileSource, PlacedFile};
use crate::verify::plan::{OutputLines, PagePlan, PlannedBlock, PlannedCommand, makes_something};
use crate::verify::recording::{Attempt, CommandRun, Ended, PageRun, Redaction};
use crate::verify::shell::quote;
use crate::verify::verdict::{OutputText, best, outputs_of};
use crate::verify::words::{self, Kind};

/// How long a new namespace is waited for: a reader is not as fast as its controllers are.
const FURNISHED: Duration = Duration::from_secs(5);
/// How long the workloads may take to get ready before a step that needs them.
const SETTLE: Duration = Duration::from_secs(120);
/// How long `kubectl delete` may take: it waits for grace periods and finalizers.
const DELETING: Duration = Duration::from_secs(180);
/// How long a command that never ends is watched for its documented output.
pub(super) const LEASE: Duration = Duration::from_secs(20);

/// Runs the page.
pub(super) async fn run(plan: &PagePlan, place: &Place<'_>, options: &Options, watcher: &dyn Watcher) -> PageRun {
    let mut run = PageRun { path: plan.path.clone(), ..PageRun::default() };
    let mut page = match Page::open(plan, place, options, watcher).await {
        Ok(page) => page,
        Err(reason) => return super::infra(plan, &reason),
    };
    for index in 0..plan.blocks.len() {
        page.block(index).await;
    }
    run.commands = std::mem::take(&mut page.done);
    page.redaction().clean_run(&mut run);
    run.stand_ins = std::mem::take(&mut page.stand_ins);
    page.close().await;
    run
}

fn text_of(plan: &PagePlan, file: &PlacedFile) -> Option<String> {
    match &file.source {
        FileSource::Block(id) => plan.block(*id).map(|block| block.block.text.clone()),
        FileSource::Site(path) => std::fs::read_to_string(path).ok(),
    }
}

/// The manifests that a page's commands read.
fn manifests_of(plan: &PagePlan) -> Vec<String> {
    let files = plan.blocks.iter().flat_map(|block| &block.commands).flat_map(|command| &command.files);
    let unique: BTreeMap<&str, &PlacedFile> = files.map(|file| (file.place.as_str(), file)).collect();
    unique.values().filter_map(|file| text_of(plan, file)).collect()
}

/// The images of a page that the cluster has stand-ins for.
fn stand_ins(plan: &PagePlan, handle: &Handle) -> BTreeMap<String, String> {
    let names = images::asked_for(plan).into_iter().map(|name| crate::cluster::whole_image_name(&name));
    names
        .filter_map(|name| handle.stand_ins.get_key_value(&name))
        .map(|(name, what)| (name.clone(), what.clone()))
        .collect()
}

pub(super) fn infra(command: &PlannedCommand, reason: &str) -> CommandRun {
    CommandRun {
        ended: Ended::Infra { reason: reason.to_owned() },
        ..CommandRun::not_run(command.line, &command.text, "")
    }
}

pub(super) struct Page<'a> {
    pub(super) plan: &'a PagePlan,
    pub(super) options: &'a Options,
    pub(super) watcher: &'a dyn Watcher,
    confinement: Confinement,
    nonce: String,
    pub(super) shell: Shell,
    /// Shells and programs in containers by the block that opened them.
    pub(super) sessions: BTreeMap<usize, Session>,
    pub(super) leases: Vec<Lease>,
    pub(super) observer: Option<Observer>,
    pub(super) bindings: Bindings,
    pub(super) facts: VolatileFacts,
    /// The namespace that stands for `default` here, where the cluster is shared.
    namespace: Option<String>,
    /// Whether something was changed that later steps may have to wait for.
    pub(super) changed: bool,
    /// The images of the page that are stand-ins: name -> what it is.
    stand_ins: BTreeMap<String, String>,
    pub(super) deadline: Instant,
    pub(super) missing: Missing,
    /// What the page's kubeconfig calls the cluster.
    cluster_name: Option<String>,
    /// Images that can't be had here: the name as the page writes it -> why.
    missing_images: BTreeMap<String, String>,
    pub(super) done: Vec<CommandRun>,
    /// The last to go: what still runs writes there.
    pub(super) workspace: Workspace,
}

impl<'a> Page<'a> {
    async fn open(
        plan: &'a PagePlan,
        place: &Place<'a>,
        options: &'a Options,
        watcher: &'a dyn Watcher,
    ) -> Result<Self, String> {
        let handle = place.handle;
        let namespaces = Confinement::available();
        let workspace = Workspace::make(namespaces.then(|| place.user()), handle)
            .map_err(|error| format!("the page's folders can't be made: {error}"))?;
        let confinement = Confinement {
            namespaces,
            network: place.network(),
            user: place.user(),
            folder: workspace.path().to_owned(),
            path: handle.map(|handle| handle.path.clone()).unwrap_or_default(),
            docbuild: options.docbuild.clone(),
        };
        let nonce = nonce();
        let shell = start_bash(&confinement, &nonce).map_err(|error| format!("bash can't be started: {error}"))?;
        let observer = match handle {
            Some(handle) => Some(Observer::connect(&handle.kubeconfig, &handle.context).await?),
            None => None,
        };
        let mut page = Self {
            plan,
            options,
            watcher,
            workspace,
            confinement,
            nonce,
            shell,
            sessions: BTreeMap::new(),
            leases: vec![],
            observer,
            bindings: Bindings::default(),
            facts: VolatileFacts::default(),
            namespace: handle.and_then(workspace::own_namespace),
            changed: false,
            deadline: options.end.into_iter().fold(Instant::now() + options.budget, Instant::min),
            missing: Missing::of(&manifests_of(plan)),
            cluster_name: handle.and_then(workspace::cluster_name),
            missing_images: handle.map(|handle| handle.missing_images.clone()).unwrap_or_default(),
            stand_ins: handle.map(|handle| stand_ins(plan, handle)).unwrap_or_default(),
            done: vec![],
        };
        page.prepare_shell().await?;
        page.set_up_site().await?;
        page.set_up().await;
        Ok(page)
    }

    /// What an interactive shell would have, before the page's first command.
    async fn prepare_shell(&mut self) -> Result<(), String> {
        let done = self.shell.run("shopt -s expand_aliases", Duration::from_secs(30)).await;
        if done.actual.exit == Some(0) {
            return Ok(());
        }
        Err(format!("the page's shell does not start: {}", done.actual.stderr.trim()))
    }

    async fn block(&mut self, index: usize) {
        let plan = self.plan;
        let block = &plan.blocks[index];
        let first = self.done.len();
        self.missing.begin_block();
        self.read_on(index).await;
        for command in &block.commands {
            let run = self.command(index, block, command, first).await;
            let not_run = matches!(run.ended, Ended::NotRun { .. }) && command.session.is_none();
            // What is another way than one that is run is nothing that readers miss.
            if not_run && block.alternative_of.is_none() {
                self.missing.add_files(command, &outputs_of(plan, index, command));
            }
            if not_run && (command.skip.is_none() && makes_something(&command.text) || depends::is_static_pod(command))
            {
                let texts = self.texts_of(command);
                let outputs = outputs_of(plan, index, command);
                self.missing.add(command, texts.iter().map(String::as_str), &outputs);
            } else if !self.missing.is_empty() && run.last().is_some_and(|last| last.actual.exit == Some(0)) {
                let texts = self.texts_of(command);
                self.missing.made(command, texts.iter().map(String::as_str));
            }
            self.done.push(run);
        }
    }

    async fn command(
        &mut self,
        index: usize,
        block: &PlannedBlock,
        command: &PlannedCommand,
        first: usize,
    ) -> CommandRun {
        if let Some(reason) = &command.skip {
            return CommandRun::not_run(command.line, &command.text, reason);
        }
        if Instant::now() > self.deadline {
            return CommandRun::not_run(
                command.line,
                &command.text,
                format!("the page's budget of {} s is used up", self.options.budget.as_secs()),
            );
        }
        let outputs = outputs_of(self.plan, index, command);
        if let Some(line) = self.needs(command, &outputs) {
            return CommandRun::not_run(command.line, &command.text, format!("depends on line {line}"));
        }
        if let Some(reason) = self.lacks_image(command) {
            return CommandRun::not_run(command.line, &command.text, reason);
        }
        self.watcher.command(&self.plan.path, command.line, &command.text);
        self.wait_before(command, &outputs).await;
        let ran = match self.prepared(command).await {
            Ok(ran) => ran,
            Err(reason) => return CommandRun::not_run(command.line, &command.text, reason),
        };
        let mut run = CommandRun { ran, ended: Ended::Done, ..CommandRun::not_run(command.line, &command.text, "") };
        run.session = command.session.and_then(|id| self.sessions.get(&id).map(|session| session.line));
        match (command.kind, command.session) {
            // As its page has it, it would be opened on the machine.
            (Kind::Open, Some(_)) if !run.ran.starts_with("kubectl exec ") => {
                let reason = "opens a program within a container's shell, which is not followed";
                run.ended = Ended::NotRun { reason: reason.to_owned() };
            }
            (Kind::Open, _) => self.open_session(block.block.id, command, &mut run).await,
            (Kind::Exit, Some(id)) => {
                if let Some(session) = self.sessions.remove(&id) {
                    session.leave().await;
                }
                run.push(Attempt { times: 1, ..Attempt::default() });
            }
            (Kind::Lease, None) if block.reads_lease.is_some_and(|id| self.runs_still(id)) => {
                self.read_lease(block.reads_lease, command, &outputs, &mut run).await;
            }
            (Kind::Lease, None) => self.lease(index, command, &mut run).await,
            (Kind::Edit, None) => {
                self.edit(command, &mut run).await;
            }
            _ => self.attempts(Asked { block, command, outputs: &outputs, first }, &mut run).await,
        }
        if matches!(command.kind, Kind::Change | Kind::Open | Kind::Edit) && command.session.is_none() {
            self.changed = true;
            let said = run.last().map_or("", |last| last.actual.stdout.as_str());
            let made = said.lines().any(|line| line.starts_with("namespace/") && line.ends_with(" created"));
            if let Some(observer) = self.observer.as_ref().filter(|_| made) {
                observer.furnished(FURNISHED).await;
            }
        }
        self.bind(&outputs, command, first, &mut run).await;
        run
    }

    /// The line of a command that was not run, and which this one needs.
    fn needs(&self, command: &PlannedCommand, outputs: &[OutputLines]) -> Option<usize> {
        if command.session.is_some() || self.missing.is_empty() {
            return None;
        }
        let texts = self.texts_of(command);
        self.missing.needed_by(command, texts.iter().map(String::as_str), outputs)
    }

    /// The texts of the files that a command reads.
    fn texts_of(&self, command: &PlannedCommand) -> Vec<String> {
        command.files.iter().filter_map(|file| self.text_of(file)).collect()
    }

    /// The text of a file that a command reads, if it is one file.
    fn text_of(&self, file: &PlacedFile) -> Option<String> {
        text_of(self.plan, file)
    }

    /// Why a command that makes Pods can't be judged here: an image of theirs can't be had.
    fn lacks_image(&self, command: &PlannedCommand) -> Option<String> {
        if self.missing_images.is_empty() || command.session.is_some() || !makes_something(&command.text) {
            return None;
        }
        let texts = command.files.iter().filter_map(|file| self.text_of(file)).chain([command.ran.clone()]);
        let names: Vec<String> = texts.flat_map(|text| images::of_pods(&text)).collect();
        let (name, why) = names.iter().find_map(|name| self.missing_images.get_key_value(name))?;
        Some(format!("the image {name} can't be had here: {why}"))
    }

    /// Waits for the workloads where a step needs them; a `get` is asked again instead.
    async fn wait_before(&mut self, command: &PlannedCommand, outputs: &[OutputLines]) {
        let Some(observer) = &self.observer else { return };
        let polled = command.kind == Kind::Read
            && !outputs.is_empty()
            && !command.text.contains("exec")
            && !command.text.contains("curl");
        // `A=$(kubectl get ...)` reads, though it changes the shell.
        let changes = command.kind == Kind::Change && words::substituted(&command.text).all(|word| word != "kubectl");
        if self.changed && !polled && !changes {
            observer.settle(SETTLE).await;
            self.changed = false;
        }
    }

    /// Waits for the workloads now.
    pub(super) async fn settle(&mut self) {
        if let Some(observer) = &self.observer {
            observer.settle(SETTLE).await;
            self.changed = false;
        }
    }

    /// Puts the command's files in place, fills in its names, refuses what is unsafe.
    async fn prepared(&mut self, command: &PlannedCommand) -> Result<String, String> {
        let plan = self.plan;
        let blocks: Vec<_> = plan.blocks.iter().map(|block| &block.block).collect();
        for file in &command.files {
            self.workspace
                .place(file, &blocks)
                .map_err(|error| format!("{} can't be put in place: {error}", file.place))?;
        }
        if let Some(id) = command.session {
            return if self.sessions.contains_key(&id) {
                let ran = pids::fill(&names::bound(&command.ran, &self.bindings), self.plan, &self.done);
                names::no_example(&ran).map(|()| ran)
            } else {
                Err("its session could not be opened".to_owned())
            };
        }
        if !command.placeholders.is_empty() || command.text.contains("kubectl") {
            self.observe().await;
        }
        let mut ran = names::fill(command, &self.bindings, &self.facts)?;
        self.bindings.fill_in(&command.ran, &ran, command.line);
        if let Some(name) = &self.cluster_name {
            ran = names::own_cluster(&ran, name);
        }
        if let Some(own) = &self.namespace {
            for flag in ["-n default", "--namespace default", "--namespace=default", "-n=default"] {
                ran = ran.replace(flag, &flag.replace("default", own));
            }
        }
        names::no_example(&ran)?;
        if !self.confinement.namespaces
            && let Some(reason) = safety::refusal(&ran)
        {
            return Err(reason);
        }
        Ok(ran)
    }

    pub(super) async fn observe(&mut self) {
        if let Some(observer) = &self.observer {
            self.facts = observer.facts(&self.stand_ins).await;
            if let Some(own) = &self.namespace {
                self.facts.objects.retain(|object| {
                    object.namespace.is_empty() || object.namespace == *own || object.namespace != "default"
                });
                for object in self.facts.objects.iter_mut().filter(|object| object.namespace == *own) {
                    "default".clone_into(&mut object.namespace);
                }
            }
        }
    }

    pub(super) async fn once(&mut self, command: &PlannedCommand, ran: &str) -> Done {
        let limit = match command.kind {
            Kind::Wait => Duration::from_secs(300),
            // In a container there is no process group that could be left running beside.
            Kind::Lease => LEASE,
            _ if command.session.is_some_and(|id| self.sessions.get(&id).is_some_and(Session::is_program)) => {
                self.options.timeout
            }
            Kind::Change if command.text.contains("kubectl delete") => self.options.timeout.max(DELETING),
            Kind::Change if command.session.is_some() => Duration::from_secs(300),
            _ => self.options.timeout,
        };
        // The page's budget and the run's hold for each command.
        let limit = limit.min(self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1)));
        match command.session.and_then(|id| self.sessions.get_mut(&id)) {
            Some(session) => session.run(ran, command.kind, limit).await,
            None => self.shell.run(ran, limit).await,
        }
    }

    /// What a command printed, with `default` for the namespace that stands for it.
    pub(super) fn as_default(&self, mut actual: Actual) -> Actual {
        if let Some(own) = &self.namespace {
            actual.stdout = actual.stdout.replace(own.as_str(), "default");
            actual.stderr = actual.stderr.replace(own.as_str(), "default");
        }
        actual
    }

    /// `kubectl edit`, with an editor that types what the page shows.
    async fn edit(&mut self, command: &PlannedCommand, run: &mut CommandRun) {
        let shown = command.edit.and_then(|edit| self.plan.block(edit.block));
        let (Some(shown), Some(docbuild)) = (shown, self.confinement.docbuild_inside()) else {
            run.ended = Ended::NotRun { reason: "opens an editor that can't be driven here".to_owned() };
            return;
        };
        let Ok(file) = self.workspace.lay_beside("edited.yaml", &shown.block.text) else {
            run.ended = Ended::Infra { reason: "what is typed in the editor can't be put in place".to_owned() };
            return;
        };
        let file = if self.confinement.namespaces { "/tmp/edited.yaml".to_owned() } else { file };
        let editor = format!("{} edit {}", quote(&docbuild), quote(&file));
        let text = without_editor(&run.ran);
        let done = self.once(command, &format!("KUBE_EDITOR={} {text}", quote(&editor))).await;
        self.revive(command, &done).await;
        let actual = self.as_default(done.actual);
        if actual.exit != Some(0) && actual.stderr.contains("(NotFound)") {
            run.ended = Ended::NotRun { reason: "there is no such object here to be edited".to_owned() };
            return;
        }
        if actual.exit != Some(0) && actual.stderr.contains("there was a problem with the editor") {
            run.ended = Ended::NotRun { reason: "what the page shows fits nowhere into the object".to_owned() };
            return;
        }
        run.push(Attempt { ms: millis(done.took), actual, times: 1 });
    }

    /// A shell that is gone is started anew on the machine; one in a container is closed.
    pub(super) async fn revive(&mut self, command: &PlannedCommand, done: &Done) {
        if !done.gone {
            return;
        }
        match command.session {
            Some(id) => {
                self.sessions.remove(&id);
            }
            None => {
                if let Ok(shell) = start_bash(&self.confinement, &self.nonce) {
                    self.shell = shell;
                    let _ = self.prepare_shell().await;
                    self.watcher.note("the page's shell ended; a new one goes on without its variables");
                }
            }
        }
    }

    /// The runs of this block so far, with the one under way as the last.
    pub(super) fn runs<'r>(&'r self, first: usize, run: &'r CommandRun) -> Vec<&'r CommandRun> {
        self.done[first..].iter().filter(|run| run.last().is_some()).chain([run]).collect()
    }

    /// Binds what the documented names turned out to be, for the commands that follow.
    async fn bind(&mut self, outputs: &[OutputLines], command: &PlannedCommand, first: usize, run: &mut CommandRun) {
        if outputs.is_empty() || run.last().is_none() {
            return;
        }
        if run.facts.is_none() && self.observer.is_some() {
            self.observe().await;
            run.facts = Some(self.facts.clone());
        }
        for output in outputs {
            let runs = self.runs(first, run);
            let (_, bindings) = best(&OutputText::of(output, command), &runs, &self.bindings);
            self.bindings = bindings;
        }
    }

    /// A shell or program beside the page's bash, with its variables and folder.
    pub(super) async fn beside(&mut self, text: &str) -> std::io::Result<Shell> {
        let state = self
            .shell
            .aside("declare -p; declare -f; alias -p; printf 'cd %q\\n' \"$PWD\"", Duration::from_secs(20))
            .await;
        let script =
            format!("shopt -s expand_aliases; eval {} 2>/dev/null; eval {}", quote(&state.actual.stdout), quote(text));
        let command = self.confinement.command("bash", &["--noprofile", "--norc", "-c", &script]);
        Shell::start(command, &self.nonce)
    }

    fn redaction(&self) -> Redaction {
        let mut words =
            vec![(self.workspace.path().join("home").to_string_lossy().into_owned(), super::confine::HOME.to_owned())];
        words.push((self.workspace.path().to_string_lossy().into_owned(), "/tmp/page".to_owned()));
        if !self.confinement.namespaces {
            words.extend(
                self.confinement
                    .path
                    .iter()
                    .map(|folder| (folder.to_string_lossy().into_owned(), "/opt/docbuild".to_owned())),
            );
        }
        // A cluster tells its own folders in its kubelet's settings.
        if let Ok(cache) = crate::cluster::cache::folder() {
            words.push((cache.to_string_lossy().into_owned(), "/var/lib/docbuild".to_owned()));
        }
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        words.extend(self.namespace.iter().map(|own| (own.clone(), "default".to_owned())));
        if host.len() > 3 && host != "localhost" {
            words.push((host, "this-machine".to_owned()));
        }
        Redaction { words }
    }

    async fn close(self) {
        for (_, session) in self.sessions {
            session.close().await;
        }
        for lease in self.leases {
            lease.close().await;
        }
        self.shell.close().await;
        if self.options.keep {
            let folder = self.workspace.keep();
            self.watcher.note(&format!("the page's folders are kept in {}", folder.display()));
        }
    }
}

fn start_bash(confinement: &Confinement, nonce: &str) -> std::io::Result<Shell> {
    Shell::start(confinement.command("bash", &["--noprofile", "--norc"]), nonce)
}

/// The command without the editor that the page's author likes.
fn without_editor(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((first, behind)) = rest.split_once(char::is_whitespace) {
        if !first.starts_with("KUBE_EDITOR=") && !first.starts_with("EDITOR=") {
            break;
        }
        rest = behind.trim_start();
    }
    rest
}

/// A word that no page can know.
fn nonce() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let part = || RandomState::new().hash_one(std::process::id());
    format!("docbuild{:016x}{:016x}", part(), part())
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
