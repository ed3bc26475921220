//! The languages that are known: by name, other names and endings of files, whatever their case.
//!
//! Which words are known decides what surrounds the code in a page, so the table is that of the names
//! which chroma, Hugo's highlighter, answers to. A word that no grammar here is for is known all the same:
//! its code has no colours.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{SyntaxReference, SyntaxSet};

use super::scan::Words;

/// What reads code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Nothing: it is plain.
    Plain,
    /// [`super::scan::yaml`]
    Yaml,
    /// [`super::scan::shell`]
    Shell,
    /// [`super::scan::console`]
    Console,
    /// [`super::scan::json`]
    Json,
    /// [`super::scan::words`]
    Words(&'static Words),
    /// [`super::grammar`]
    Grammar,
}

/// A known language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Language {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is called, in small letters, with blanks between.
    words: &'static str,
    /// What reads its code.
    pub(super) reader: Reader,
}

impl Language {
    const fn new(name: &'static str, words: &'static str, reader: Reader) -> Self {
        Self { name, words, reader }
    }

    /// The grammar for it, if there is one.
    pub(super) fn syntax<'s>(&self, grammars: &'s SyntaxSet) -> Option<&'s SyntaxReference> {
        let by_word = || self.words.split(' ').find_map(|word| grammars.find_syntax_by_token(word));
        grammars.find_syntax_by_name(self.name).or_else(by_word)
    }
}

/// The language that a word names.
pub(super) fn find(word: &str) -> Option<&'static Language> {
    static WORDS: LazyLock<HashMap<&'static str, &'static Language>> = LazyLock::new(|| {
        let words = |language: &'static Language| language.words.split(' ').map(move |word| (word, language));
        LANGUAGES.iter().flat_map(words).collect()
    });
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        WORDS.get(word.to_ascii_lowercase().as_str()).copied()
    } else {
        WORDS.get(word).copied()
    }
}

#[rustfmt::skip]
const LANGUAGES: &[Language] = &[
    Language::new("ABAP", "abap", Reader::Grammar),
    Language::new("ABNF", "abnf", Reader::Grammar),
    Language::new("ActionScript", "actionscript as", Reader::Grammar),
    Language::new("ActionScript 3", "as3 actionscript3", Reader::Grammar),
    Language::new("Ada", "ada ada95 ada2005 adb ads", Reader::Grammar),
    Language::new("Agda", "agda", Reader::Grammar),
    Language::new("AL", "al dal", Reader::Grammar),
    Language::new("Alloy", "alloy als", Reader::Grammar),
    Language::new("Angular2", "angular2 ng2", Reader::Grammar),
    Language::new("ANTLR", "antlr", Reader::Grammar),
    Language::new("ApacheConf", "apacheconf aconf apache .htaccess apache.conf apache2.conf", Reader::Grammar),
    Language::new("APL", "apl", Reader::Grammar),
    Language::new("AppleScript", "applescript", Reader::Grammar),
    Language::new("ArangoDB AQL", "aql", Reader::Grammar),
    Language::new("Arduino", "arduino ino", Reader::Grammar),
    Language::new("ArmAsm", "armasm s", Reader::Grammar),
    Language::new("AutoHotkey", "autohotkey ahk ahkl", Reader::Grammar),
    Language::new("AutoIt", "autoit au3", Reader::Grammar),
    Language::new("Awk", "awk gawk mawk nawk", Reader::Grammar),
    Language::new("Ballerina", "ballerina bal", Reader::Grammar),
    Language::new("Bash", "bash sh ksh zsh shell ebuild eclass env .env exheres-0 exlib zshrc .zshrc .bashrc bashrc pkgbuild", Reader::Shell),
    Language::new("Bash Session", "bash-session console shell-session sh-session .sh-session", Reader::Console),
    Language::new("Batchfile", "batchfile bat batch dosbatch winbatch cmd", Reader::Grammar),
    Language::new("BibTeX", "bibtex bib", Reader::Grammar),
    Language::new("Bicep", "bicep", Reader::Grammar),
    Language::new("BlitzBasic", "blitzbasic b3d bplus bb decls", Reader::Grammar),
    Language::new("BNF", "bnf", Reader::Grammar),
    Language::new("BQN", "bqn", Reader::Grammar),
    Language::new("Brainfuck", "brainfuck bf b", Reader::Grammar),
    Language::new("C", "c h idc", Reader::Grammar),
    Language::new("C#", "c# csharp cs", Reader::Words(Words::CSHARP)),
    Language::new("C++", "c++ cpp hpp cc hh cxx hxx cp cppm tpp", Reader::Grammar),
    Language::new("Caddyfile", "caddyfile caddy", Reader::Grammar),
    Language::new("Caddyfile Directives", "caddyfile-directives caddyfile-d caddy-d", Reader::Grammar),
    Language::new("Cap'n Proto", "capnp", Reader::Grammar),
    Language::new("Cassandra CQL", "cassandra cql", Reader::Grammar),
    Language::new("Ceylon", "ceylon", Reader::Grammar),
    Language::new("CFEngine3", "cfengine3 cf3 cf", Reader::Grammar),
    Language::new("cfstatement", "cfstatement cfs", Reader::Grammar),
    Language::new("ChaiScript", "chaiscript chai", Reader::Grammar),
    Language::new("Chapel", "chapel chpl", Reader::Grammar),
    Language::new("Cheetah", "cheetah spitfire tmpl spt", Reader::Grammar),
    Language::new("Clojure", "clojure clj edn", Reader::Grammar),
    Language::new("CMake", "cmake cmakelists.txt", Reader::Grammar),
    Language::new("COBOL", "cobol cob cpy", Reader::Grammar),
    Language::new("CoffeeScript", "coffeescript coffee-script coffee", Reader::Grammar),
    Language::new("Common Lisp", "common-lisp cl lisp", Reader::Grammar),
    Language::new("Coq", "coq v", Reader::Grammar),
    Language::new("Crystal", "crystal cr", Reader::Grammar),
    Language::new("CSS", "css", Reader::Grammar),
    Language::new("CSV", "csv", Reader::Grammar),
    Language::new("Cue", "cue", Reader::Grammar),
    Language::new("Cython", "cython pyx pxd pxi", Reader::Grammar),
    Language::new("D", "d di", Reader::Grammar),
    Language::new("Dart", "dart", Reader::Grammar),
    Language::new("Dax", "dax", Reader::Grammar),
    Language::new("Desktop Entry", "desktop_entry desktop", Reader::Grammar),
    Language::new("Diff", "diff udiff patch", Reader::Grammar),
    Language::new("Django/Jinja", "django/jinja django jinja", Reader::Grammar),
    Language::new("dns", "dns zone bind", Reader::Grammar),
    Language::new("Docker", "docker dockerfile containerfile", Reader::Grammar),
    Language::new("DTD", "dtd", Reader::Grammar),
    Language::new("Dylan", "dylan dyl intr", Reader::Grammar),
    Language::new("EBNF", "ebnf", Reader::Grammar),
    Language::new("Elixir", "elixir ex exs eex", Reader::Grammar),
    Language::new("Elm", "elm", Reader::Grammar),
    Language::new("EmacsLisp", "emacslisp emacs elisp emacs-lisp el", Reader::Grammar),
    Language::new("Erlang", "erlang erl hrl es escript", Reader::Grammar),
    Language::new("Factor", "factor", Reader::Grammar),
    Language::new("Fennel", "fennel fnl", Reader::Grammar),
    Language::new("Fish", "fish fishshell", Reader::Shell),
    Language::new("Forth", "forth frt fth fs", Reader::Grammar),
    Language::new("Fortran", "fortran f90 f95 f03", Reader::Grammar),
    Language::new("FortranFixed", "fortranfixed f", Reader::Grammar),
    Language::new("FSharp", "fsharp f# fsi", Reader::Grammar),
    Language::new("GAS", "gas asm", Reader::Grammar),
    Language::new("GDScript", "gdscript gd", Reader::Grammar),
    Language::new("GDScript3", "gdscript3 gd3", Reader::Grammar),
    Language::new("Genshi", "genshi kid xml+genshi xml+kid", Reader::Grammar),
    Language::new("Genshi HTML", "html+genshi html+kid", Reader::Grammar),
    Language::new("Genshi Text", "genshitext", Reader::Grammar),
    Language::new("Gherkin", "gherkin cucumber feature", Reader::Grammar),
    Language::new("Gleam", "gleam", Reader::Grammar),
    Language::new("GLSL", "glsl vert frag geo", Reader::Grammar),
    Language::new("Gnuplot", "gnuplot plot plt", Reader::Grammar),
    Language::new("Go", "go golang", Reader::Words(Words::GO)),
    Language::new("Go HTML Template", "go-html-template", Reader::Grammar),
    Language::new("Go Template", "go-template gotmpl", Reader::Grammar),
    Language::new("Go Text Template", "go-text-template", Reader::Grammar),
    Language::new("GraphQL", "graphql graphqls gql", Reader::Grammar),
    Language::new("Groff", "groff nroff man 1 2 3 4 5 6 7 8 9 1p 3pm", Reader::Grammar),
    Language::new("Groovy", "groovy gradle", Reader::Grammar),
    Language::new("Handlebars", "handlebars hbs", Reader::Grammar),
    Language::new("Hare", "hare ha", Reader::Grammar),
    Language::new("Haskell", "haskell hs", Reader::Grammar),
    Language::new("Haxe", "haxe hx hxsl", Reader::Grammar),
    Language::new("HCL", "hcl", Reader::Grammar),
    Language::new("Hexdump", "hexdump", Reader::Grammar),
    Language::new("HLB", "hlb", Reader::Grammar),
    Language::new("HLSL", "hlsl hlsli cginc fx fxh", Reader::Grammar),
    Language::new("HolyC", "holyc hc hz", Reader::Grammar),
    Language::new("HTML", "html htm xhtml xslt", Reader::Grammar),
    Language::new("HTTP", "http", Reader::Grammar),
    Language::new("Hy", "hy hylang", Reader::Grammar),
    Language::new("Idris", "idris idr", Reader::Grammar),
    Language::new("Igor", "igor igorpro ipf", Reader::Grammar),
    Language::new("INI", "ini cfg dosini inf service socket .gitconfig .editorconfig pylintrc .pylintrc", Reader::Grammar),
    Language::new("Io", "io", Reader::Grammar),
    Language::new("ISCdhcpd", "iscdhcpd", Reader::Grammar),
    Language::new("J", "j ijs", Reader::Grammar),
    Language::new("Java", "java", Reader::Words(Words::JAVA)),
    Language::new("JavaScript", "javascript js jsm mjs cjs", Reader::Words(Words::JAVASCRIPT)),
    Language::new("JSON", "json webmanifest avsc", Reader::Json),
    Language::new("Jsonnet", "jsonnet libsonnet", Reader::Grammar),
    Language::new("Julia", "julia jl", Reader::Grammar),
    Language::new("Jungle", "jungle", Reader::Grammar),
    Language::new("Kotlin", "kotlin kt", Reader::Grammar),
    Language::new("Lighttpd configuration file", "lighty lighttpd", Reader::Grammar),
    Language::new("LLVM", "llvm ll", Reader::Grammar),
    Language::new("Lua", "lua wlua", Reader::Grammar),
    Language::new("Makefile", "makefile make mf bsdmake mak mk gnumakefile", Reader::Grammar),
    Language::new("Mako", "mako mao", Reader::Grammar),
    Language::new("markdown", "markdown md mkd", Reader::Grammar),
    Language::new("Mason", "mason m mhtml mc mi autohandler dhandler", Reader::Grammar),
    Language::new("Materialize SQL dialect", "materialize mzsql", Reader::Grammar),
    Language::new("Mathematica", "mathematica mma nb cdf ma", Reader::Grammar),
    Language::new("Matlab", "matlab", Reader::Grammar),
    Language::new("MCFunction", "mcfunction mcf", Reader::Grammar),
    Language::new("Meson", "meson meson.build", Reader::Grammar),
    Language::new("Metal", "metal", Reader::Grammar),
    Language::new("MiniZinc", "minizinc mzn dzn fzn", Reader::Grammar),
    Language::new("MLIR", "mlir", Reader::Grammar),
    Language::new("Modula-2", "modula-2 modula2 m2 def mod", Reader::Grammar),
    Language::new("Mojo", "mojo", Reader::Grammar),
    Language::new("MonkeyC", "monkeyc", Reader::Grammar),
    Language::new("MorrowindScript", "morrowindscript morrowind mwscript", Reader::Grammar),
    Language::new("Myghty", "myghty myt autodelegate", Reader::Grammar),
    Language::new("MySQL", "mysql mariadb", Reader::Grammar),
    Language::new("NASM", "nasm", Reader::Grammar),
    Language::new("Natural", "natural nsn nsp nss nsh nsg nsl nsa nsm nsc ns7", Reader::Grammar),
    Language::new("NDISASM", "ndisasm", Reader::Grammar),
    Language::new("Newspeak", "newspeak ns2", Reader::Grammar),
    Language::new("Nginx configuration file", "nginx nginx.conf", Reader::Grammar),
    Language::new("Nim", "nim nimrod", Reader::Grammar),
    Language::new("Nix", "nix nixos", Reader::Grammar),
    Language::new("Objective-C", "objective-c objectivec obj-c objc", Reader::Grammar),
    Language::new("ObjectPascal", "objectpascal pas pp inc dpr dpk lpr lpk", Reader::Grammar),
    Language::new("OCaml", "ocaml ml mli mll mly", Reader::Grammar),
    Language::new("Octave", "octave", Reader::Grammar),
    Language::new("Odin", "odin", Reader::Grammar),
    Language::new("OnesEnterprise", "onesenterprise ones 1s 1s:enterprise epf erf", Reader::Grammar),
    Language::new("OpenEdge ABL", "openedge abl progress openedgeabl p w i", Reader::Grammar),
    Language::new("OpenSCAD", "openscad scad", Reader::Grammar),
    Language::new("Org Mode", "org orgmode", Reader::Grammar),
    Language::new("PacmanConf", "pacmanconf pacman.conf", Reader::Grammar),
    Language::new("Perl", "perl pl pm t", Reader::Grammar),
    Language::new("PHP", "php php3 php4 php5", Reader::Words(Words::PHP)),
    Language::new("PHTML", "phtml", Reader::Grammar),
    Language::new("Pig", "pig", Reader::Grammar),
    Language::new("PkgConfig", "pkgconfig pc", Reader::Grammar),
    Language::new("PL/pgSQL", "pl/pgsql plpgsql", Reader::Grammar),
    Language::new("plaintext", "plaintext text plain no-highlight txt", Reader::Plain),
    Language::new("Plutus Core", "plutus-core plc", Reader::Grammar),
    Language::new("Pony", "pony", Reader::Grammar),
    Language::new("PostgreSQL SQL dialect", "postgresql postgres", Reader::Grammar),
    Language::new("PostScript", "postscript postscr ps eps", Reader::Grammar),
    Language::new("POVRay", "povray pov", Reader::Grammar),
    Language::new("PowerQuery", "powerquery pq", Reader::Grammar),
    Language::new("PowerShell", "powershell posh ps1 psm1 psd1 pwsh", Reader::Shell),
    Language::new("Prolog", "prolog ecl pro", Reader::Grammar),
    Language::new("Promela", "promela pml prom prm pr", Reader::Grammar),
    Language::new("PromQL", "promql", Reader::Grammar),
    Language::new("properties", "properties java-properties", Reader::Grammar),
    Language::new("Protocol Buffer", "protobuf proto", Reader::Grammar),
    Language::new("PRQL", "prql", Reader::Grammar),
    Language::new("PSL", "psl", Reader::Grammar),
    Language::new("Puppet", "puppet", Reader::Grammar),
    Language::new("Python", "python py sage python3 py3 pyi pyw jy sc sconstruct sconscript tac", Reader::Words(Words::PYTHON)),
    Language::new("Python 2", "python2 py2", Reader::Words(Words::PYTHON)),
    Language::new("QBasic", "qbasic basic", Reader::Grammar),
    Language::new("QML", "qml qbs", Reader::Grammar),
    Language::new("R", "r splus rhistory rprofile renviron", Reader::Grammar),
    Language::new("Racket", "racket rkt rktd rktl", Reader::Grammar),
    Language::new("Ragel", "ragel", Reader::Grammar),
    Language::new("Raku", "raku perl6 pl6", Reader::Grammar),
    Language::new("react", "react jsx", Reader::Words(Words::JAVASCRIPT)),
    Language::new("ReasonML", "reasonml reason re rei", Reader::Grammar),
    Language::new("reg", "reg registry", Reader::Grammar),
    Language::new("Rego", "rego", Reader::Grammar),
    Language::new("reStructuredText", "restructuredtext rst rest", Reader::Grammar),
    Language::new("Rexx", "rexx arexx rex rx arx", Reader::Grammar),
    Language::new("RPMSpec", "rpmspec spec", Reader::Grammar),
    Language::new("Ruby", "ruby rb rbw rake gemspec rbx duby gemfile vagrantfile rakefile", Reader::Grammar),
    Language::new("Rust", "rust rs", Reader::Grammar),
    Language::new("SAS", "sas", Reader::Grammar),
    Language::new("Sass", "sass", Reader::Grammar),
    Language::new("Scala", "scala", Reader::Grammar),
    Language::new("Scheme", "scheme scm ss", Reader::Grammar),
    Language::new("Scilab", "scilab sci sce tst", Reader::Grammar),
    Language::new("SCSS", "scss", Reader::Grammar),
    Language::new("Sed", "sed gsed ssed", Reader::Grammar),
    Language::new("Sieve", "sieve siv", Reader::Grammar),
    Language::new("Smali", "smali", Reader::Grammar),
    Language::new("Smalltalk", "smalltalk squeak st", Reader::Grammar),
    Language::new("Smarty", "smarty tpl", Reader::Grammar),
    Language::new("Snobol", "snobol", Reader::Grammar),
    Language::new("Solidity", "solidity sol", Reader::Grammar),
    Language::new("SourcePawn", "sourcepawn sp", Reader::Grammar),
    Language::new("SPARQL", "sparql rq", Reader::Grammar),
    Language::new("SQL", "sql", Reader::Grammar),
    Language::new("SquidConf", "squidconf squid.conf squid", Reader::Grammar),
    Language::new("Standard ML", "sml sig fun", Reader::Grammar),
    Language::new("stas", "stas", Reader::Grammar),
    Language::new("Stylus", "stylus styl", Reader::Grammar),
    Language::new("Svelte", "svelte", Reader::Grammar),
    Language::new("Swift", "swift", Reader::Grammar),
    Language::new("SYSTEMD", "systemd automount device dnssd link mount netdev network path scope slice swap target timer", Reader::Grammar),
    Language::new("systemverilog", "systemverilog sv svh", Reader::Grammar),
    Language::new("TableGen", "tablegen td", Reader::Grammar),
    Language::new("Tal", "tal uxntal", Reader::Grammar),
    Language::new("TASM", "tasm", Reader::Grammar),
    Language::new("Tcl", "tcl rvt", Reader::Grammar),
    Language::new("Tcsh", "tcsh csh", Reader::Shell),
    Language::new("Termcap", "termcap", Reader::Grammar),
    Language::new("Terminfo", "terminfo", Reader::Grammar),
    Language::new("Terraform", "terraform tf", Reader::Grammar),
    Language::new("TeX", "tex latex aux toc", Reader::Grammar),
    Language::new("Thrift", "thrift", Reader::Grammar),
    Language::new("TOML", "toml pipfile poetry.lock", Reader::Grammar),
    Language::new("TradingView", "tradingview tv", Reader::Grammar),
    Language::new("Transact-SQL", "transact-sql tsql t-sql", Reader::Grammar),
    Language::new("Turing", "turing tur tu", Reader::Grammar),
    Language::new("Turtle", "turtle ttl", Reader::Grammar),
    Language::new("Twig", "twig", Reader::Grammar),
    Language::new("TypeScript", "typescript ts tsx mts cts", Reader::Words(Words::JAVASCRIPT)),
    Language::new("TypoScript", "typoscript", Reader::Grammar),
    Language::new("TypoScriptCssData", "typoscriptcssdata", Reader::Grammar),
    Language::new("TypoScriptHtmlData", "typoscripthtmldata", Reader::Grammar),
    Language::new("ucode", "ucode uc", Reader::Grammar),
    Language::new("V", "vlang vv", Reader::Grammar),
    Language::new("V shell", "vsh vshell", Reader::Grammar),
    Language::new("Vala", "vala vapi", Reader::Grammar),
    Language::new("VB.net", "vb.net vbnet vb bas", Reader::Grammar),
    Language::new("verilog", "verilog", Reader::Grammar),
    Language::new("VHDL", "vhdl vhd", Reader::Grammar),
    Language::new("VHS", "vhs tape cassette", Reader::Grammar),
    Language::new("VimL", "viml vim .vimrc .exrc .gvimrc vimrc exrc gvimrc", Reader::Grammar),
    Language::new("vue", "vue vuejs", Reader::Grammar),
    Language::new("WDTE", "wdte", Reader::Grammar),
    Language::new("WebGPU Shading Language", "wgsl", Reader::Grammar),
    Language::new("Whiley", "whiley", Reader::Grammar),
    Language::new("XML", "xml xsl rss xsd wsdl wsf svg csproj vcxproj fsproj", Reader::Grammar),
    Language::new("Xorg", "xorg xorg.conf", Reader::Grammar),
    Language::new("YAML", "yaml yml", Reader::Yaml),
    Language::new("YANG", "yang", Reader::Grammar),
    Language::new("Z80 Assembly", "z80", Reader::Grammar),
    Language::new("Zed", "zed", Reader::Grammar),
    Language::new("Zig", "zig", Reader::Grammar),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_by_endings_of_files() {
        let name = |word: &str| find(word).map(|language| language.name);
        assert_eq!(name("YAML"), Some("YAML"));
        assert_eq!(name("yml"), Some("YAML"));
        assert_eq!(name("Dockerfile"), Some("Docker"));
        assert_eq!(name(".env"), Some("Bash"));
        assert_eq!(name("console"), Some("Bash Session"));
        for unknown in ["", "none", "conf", "output", "terminal", "gRPC", "log", "yaml,foo", "日本"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn no_word_names_two_languages() {
        let mut words: Vec<_> = LANGUAGES.iter().flat_map(|language| language.words.split(' ')).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(words.iter().all(|word| !word.is_empty() && *word == word.to_ascii_lowercase()));
    }
}
