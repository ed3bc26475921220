// What the pages can do beyond HTML: tabs, copy buttons, heading links, tooltips, the contents
// list's position. Every page reads without it.
(() => {
  "use strict";
  const text = (name) => document.body.dataset[name] || "";

  // The sidebar and the contents list are always open where there is room for them.
  const wide = matchMedia("(min-width: 62rem)");
  const unfold = () => {
    for (const details of document.querySelectorAll("details[data-wide]")) details.open = wide.matches;
  };
  unfold();
  wide.addEventListener("change", unfold);
  const here = document.querySelector('.sidebar [aria-current="page"]');
  const side = here?.closest(".sidebar");
  if (side) side.scrollTop = here.getBoundingClientRect().top - side.getBoundingClientRect().top - side.clientHeight / 2;

  // The sidebar unfolds: the rest of the language's tree is loaded when a reader first asks for it.
  const tree = document.querySelector(".sidebar nav[data-nav]");
  let loading;
  const load = () => (loading ||= fetch(tree.dataset.nav).then((answer) => answer.ok ? answer.json() : Promise.reject()));
  const find = (entries, href) => {
    for (const entry of entries) {
      const found = entry[0] === href ? entry : find(entry[2] || [], href);
      if (found) return found;
    }
  };
  const entriesBelow = async (link) => find(await load(), link.getAttribute("href"))?.[2] || Promise.reject();
  const item = ([href, title, children, lang]) => {
    const li = document.createElement("li");
    const link = li.appendChild(document.createElement("a"));
    link.setAttribute("href", href);
    link.textContent = title;
    if (lang) {
      link.lang = link.hreflang = lang;
      const tag = document.createElement("span");
      tag.className = "tag";
      tag.textContent = lang;
      link.append(" ", tag);
    }
    if (children?.length) foldable(li);
    return li;
  };
  const list = (entries) => {
    const ul = document.createElement("ul");
    ul.append(...entries.map(item));
    return ul;
  };
  const foldable = (li) => {
    const link = li.querySelector("a");
    const button = document.createElement("button");
    li.className = "folded";
    button.className = "unfold";
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", link.textContent);
    link.after(button);
    button.addEventListener("click", async () => {
      try {
        const below = li.querySelector("ul") || li.appendChild(Object.assign(list(await entriesBelow(link)), { hidden: true }));
        below.hidden = !below.hidden;
        button.setAttribute("aria-expanded", String(!below.hidden));
      } catch {
        location.assign(link.href);
      }
    });
  };
  for (const li of tree?.querySelectorAll("li.folded") || []) foldable(li);
  for (const link of tree?.querySelectorAll("li.more > a") || []) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        const entries = await entriesBelow(link);
        const shown = new Map([...link.closest("ul").children].map((li) => [li.querySelector("a").getAttribute("href"), li]));
        link.closest("ul").replaceChildren(...entries.map((entry) => shown.get(entry[0]) || item(entry)));
      } catch {
        location.assign(link.href);
      }
    });
  }

  // Menus of the header close as menus do.
  const menus = [...document.querySelectorAll(".site-header details")];
  const open = () => menus.filter((menu) => menu.open && !(wide.matches && "wide" in menu.dataset));
  document.addEventListener("click", (event) => {
    for (const menu of open()) menu.open = menu.contains(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const last = open().at(-1);
    if (event.key !== "Escape" || !last) return;
    last.open = false;
    last.querySelector("summary").focus();
  });

  // Tabs: one stop in the tab order, arrow keys, Home and End; panels are found by the links' targets.
  for (const list of document.querySelectorAll(".nav-tabs")) {
    const tabs = [...list.querySelectorAll("a[href^='#']")];
    const panes = tabs.map((tab) => document.getElementById(decodeURIComponent(tab.hash.slice(1))));
    if (tabs.length === 0 || panes.includes(null)) continue;
    const select = (index, focus) => {
      tabs.forEach((tab, other) => {
        const on = other === index;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        tab.classList.toggle("active", on);
        panes[other].hidden = !on;
      });
      if (focus) tabs[index].focus();
    };
    tabs.forEach((tab, index) => {
      tab.id ||= `${panes[index].id}-tab`;
      tab.setAttribute("role", "tab");
      tab.parentElement.setAttribute("role", "presentation");
      panes[index].setAttribute("role", "tabpanel");
      panes[index].setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        select(index, false);
      });
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const rtl = document.documentElement.dir === "rtl";
        const forward = rtl ? "ArrowLeft" : "ArrowRight";
        const back = rtl ? "ArrowRight" : "ArrowLeft";
        const to = { [forward]: index === last ? 0 : index + 1, [back]: index === 0 ? last : index - 1, Home: 0, End: last, " ": index }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        select(to, true);
      });
    });
    list.setAttribute("role", "tablist");
    list.dataset.ready = "";
    panes[0].parentElement.dataset.ready = "";
    const linked = panes.findIndex((pane) => location.hash && pane.contains(document.getElementById(decodeURIComponent(location.hash.slice(1)))));
    select(Math.max(linked, 0), false);
  }

  // Copy buttons. Prompts are not part of a command.
  for (const pre of document.querySelectorAll(".prose pre:not(.lntd:first-child > pre)")) {
    const box = document.createElement("div");
    box.className = "code";
    pre.replaceWith(box);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = text("copy");
    button.addEventListener("click", async () => {
      const code = (pre.querySelector("code") || pre).cloneNode(true);
      for (const number of code.querySelectorAll(".ln")) number.remove();
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = text("copied");
      button.classList.add("done");
      setTimeout(() => {
        button.textContent = text("copy");
        button.classList.remove("done");
      }, 1600);
    });
    pre.tabIndex = 0;
    box.append(pre, ...(navigator.clipboard ? [button] : []));
  }

  // Links to headings.
  for (const heading of document.querySelectorAll(".prose :is(h2, h3, h4, h5, h6)[id]")) {
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = `#${encodeURIComponent(heading.id)}`;
    link.textContent = "#";
    link.setAttribute("aria-label", `${text("anchor")}: ${heading.textContent}`);
    heading.append(link);
  }

  // Glossary tooltips: the title, shown also on focus and on touch.
  let tip = null;
  const hide = () => {
    tip?.remove();
    tip = null;
  };
  for (const term of document.querySelectorAll(".glossary-tooltip[title]")) {
    const meaning = term.title;
    term.removeAttribute("title");
    const show = () => {
      hide();
      tip = document.createElement("div");
      tip.className = "tip";
      tip.role = "tooltip";
      tip.id = "tip";
      tip.textContent = meaning;
      document.body.append(tip);
      term.setAttribute("aria-describedby", "tip");
      const at = term.getBoundingClientRect();
      const left = Math.max(16, Math.min(at.left, innerWidth - tip.offsetWidth - 16));
      const above = at.top > tip.offsetHeight + 12;
      tip.style.left = `${left + scrollX}px`;
      tip.style.top = `${scrollY + (above ? at.top - tip.offsetHeight - 8 : at.bottom + 8)}px`;
    };
    for (const event of ["mouseenter", "focus"]) term.addEventListener(event, show);
    for (const event of ["mouseleave", "blur"]) term.addEventListener(event, hide);
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // Where the reader is, in the contents list.
  const entries = new Map([...document.querySelectorAll(".toc nav a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  if (entries.size > 0 && "IntersectionObserver" in window) {
    const seen = new Set();
    const headings = [...document.querySelectorAll(".prose :is(h2, h3)[id]")].filter((heading) => entries.has(heading.id));
    const observer = new IntersectionObserver((changes) => {
      for (const change of changes) change.isIntersecting ? seen.add(change.target) : seen.delete(change.target);
      const current = headings.find((heading) => seen.has(heading));
      if (!current) return;
      for (const [id, link] of entries) link.classList.toggle("here", id === current.id);
    }, { rootMargin: "-60px 0px -55% 0px" });
    for (const heading of headings) observer.observe(heading);
  }
})();
