'use strict';
// Hides what the filters leave out. The page is whole without it.
(() => {
  const form = document.getElementById('filters');
  const state = document.getElementById('state');
  const nothing = document.getElementById('nothing');
  const pages = Array.from(document.querySelectorAll('details.page'), (element) => ({
    element,
    lang: element.dataset.lang,
    path: element.querySelector('.path').textContent.toLowerCase(),
    blocks: Array.from(element.querySelectorAll('section.block'), (block) => ({
      element: block,
      verdict: block.dataset.verdict,
      classes: block.dataset.classes.split(' '),
      // Read when it is asked for the first time: reports are large.
      text: null,
    })),
  }));
  // More than this many pages are not opened at once by a search.
  const MOST_OPENED = 25;

  const textOf = (block) => {
    if (block.text === null) block.text = block.element.textContent.toLowerCase();
    return block.text;
  };

  const apply = () => {
    const data = new FormData(form);
    const verdicts = new Set(data.getAll('verdict'));
    const kind = data.get('class');
    const lang = data.get('lang');
    const text = data.get('text').trim().toLowerCase();
    const perBlock = verdicts.size > 0 || kind !== '' || text !== '';
    const shown = [];
    let blocks = 0;
    for (const page of pages) {
      const inPath = text !== '' && page.path.includes(text);
      let any = false;
      for (const block of page.blocks) {
        const fits =
          (verdicts.size === 0 || verdicts.has(block.verdict)) &&
          (kind === '' || block.classes.includes(kind)) &&
          (text === '' || inPath || textOf(block).includes(text));
        block.element.hidden = !fits;
        if (fits) {
          any = true;
          if (lang === '' || page.lang === lang) blocks += 1;
        }
      }
      const bare = page.blocks.length === 0 && verdicts.size === 0 && kind === '' && (text === '' || inPath);
      const fits = (any || bare) && (lang === '' || page.lang === lang);
      page.element.hidden = !fits;
      if (fits) shown.push(page);
    }
    if (perBlock && shown.length <= MOST_OPENED) {
      for (const page of shown) page.element.open = true;
    }
    nothing.hidden = shown.length > 0 || pages.length === 0;
    state.textContent = `${shown.length} of ${pages.length} pages, ${blocks} blocks`;
  };

  const all = (open) => {
    for (const page of pages) if (!page.element.hidden) page.element.open = open;
  };

  let waiting = 0;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));
  document.getElementById('open').addEventListener('click', () => all(true));
  document.getElementById('close').addEventListener('click', () => all(false));
  form.hidden = false;
  apply();
})();
