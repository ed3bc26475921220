// Keeps a page of `docbuild serve` as new as its sources: reloads it after a build, and shows the
// errors of a build that failed over the last good page.
(() => {
  "use strict";
  const own = document.currentScript.dataset;
  let overlay = null;

  const styles = `
    :host { all: initial; position: fixed; inset: 0; z-index: 2147483647; overflow: auto; background: rgb(12 16 18 / .72); font: 15px/1.5 system-ui, sans-serif; color: #e7ecee; }
    section { max-width: 60rem; margin: 4vh auto; padding: 1.2rem 1.5rem 1.5rem; background: #1a2023; border: 1px solid #3a4549; border-top: 4px solid #ef7f7f; border-radius: 8px; box-sizing: border-box; width: calc(100% - 2rem); }
    header { display: flex; align-items: baseline; gap: 1rem; }
    h2 { flex: 1; margin: 0; font-size: 1.1rem; font-weight: 650; }
    button { font: inherit; color: inherit; background: #2b3438; border: 1px solid #46545a; border-radius: 6px; padding: .15rem .7rem; cursor: pointer; }
    button:focus-visible { outline: 2px solid #7fd0ca; }
    pre { margin: 1rem 0 0; padding: .9rem 1rem; overflow-x: auto; background: #11171a; border-radius: 6px; font: 13.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; tab-size: 4; }
    pre + button { margin-top: .7rem; }
    p { margin: 1rem 0 0; color: #9fb0b5; }`;

  const hide = () => {
    overlay?.remove();
    overlay = null;
  };

  const show = ({ problems, editor }) => {
    hide();
    overlay = document.createElement("docbuild-overlay");
    const root = overlay.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
    const section = document.createElement("section");
    section.setAttribute("role", "alertdialog");
    section.setAttribute("aria-label", "docbuild");
    const header = document.createElement("header");
    const title = document.createElement("h2");
    title.textContent = problems.length === 1 ? "The site has a mistake" : `The site has ${problems.length} mistakes`;
    const close = document.createElement("button");
    close.textContent = "Hide";
    close.addEventListener("click", hide);
    header.append(title, close);
    section.append(header);
    problems.forEach((problem, index) => {
      const frame = document.createElement("pre");
      frame.tabIndex = 0;
      frame.textContent = problem.text.trimEnd();
      section.append(frame);
      if (!editor || !problem.file) return;
      const open = document.createElement("button");
      open.textContent = `Open ${problem.file}:${problem.line}`;
      open.addEventListener("click", () => fetch(`/-/docbuild/edit?problem=${index}`, { method: "POST", headers: { "X-Docbuild": "1" } }));
      section.append(open);
    });
    const hint = document.createElement("p");
    hint.textContent = "The page below is the last good one. This goes away when the mistake is mended.";
    section.append(hint);
    root.append(section);
    document.documentElement.append(overlay);
  };

  addEventListener("keydown", (event) => event.key === "Escape" && hide());

  let reloading = false;
  const source = new EventSource("/-/docbuild/events");
  source.onmessage = (message) => {
    const state = JSON.parse(message.data);
    const isNew = String(state.version) !== own.version || String(state.process) !== own.process;
    if (state.problems.length > 0) {
      show(state);
      // The pages below are those of this version.
      own.version = state.version;
      own.process = state.process;
    } else if (isNew && !reloading) {
      reloading = true;
      source.close();
      location.reload();
    } else {
      hide();
    }
  };
  addEventListener("pagehide", () => source.close());
})();
