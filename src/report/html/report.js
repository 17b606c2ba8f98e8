// The page is complete without this script; it adds filters, search and opening everything at once.
(() => {
  'use strict';

  const form = document.getElementById('filters');
  const provisions = Array.from(document.querySelectorAll('.provision'));
  const principles = Array.from(document.querySelectorAll('.principle'));
  const shown = document.getElementById('shown');
  const texts = new Map();

  const textOf = (element) => {
    if (!texts.has(element)) {
      texts.set(element, element.textContent.toLowerCase());
    }
    return texts.get(element);
  };

  const wordsOf = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

  const filter = () => {
    const wanted = ['status', 'verb', 'principle', 'actors', 'strength'].map((name) => [name, form.elements[name].value]);
    const words = wordsOf(form.elements.search);
    let count = 0;
    for (const provision of provisions) {
      const fits = wanted.every(([name, value]) => value === '' || provision.dataset[name].split(' ').includes(value));
      const visible = fits && words.every((word) => textOf(provision).includes(word));
      provision.hidden = !visible;
      count += visible ? 1 : 0;
    }
    for (const principle of principles) {
      principle.hidden = !principle.querySelector('.provision:not([hidden])');
    }
    shown.textContent = count === provisions.length
        ? `All ${count} provisions are shown.`
        : `${count} of ${provisions.length} provisions are shown.`;
  };

  if (form) {
    form.hidden = false;
    form.addEventListener('input', filter);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(filter, 0));
    for (const button of form.querySelectorAll('button[data-open]')) {
      button.addEventListener('click', () => {
        for (const provision of provisions) {
          if (!provision.hidden) {
            provision.open = button.dataset.open === 'yes';
          }
        }
      });
    }
    filter();
  }

  for (const box of document.querySelectorAll('[data-filters-table]')) {
    const input = box.querySelector('input');
    const rows = Array.from(document.getElementById(box.dataset.filtersTable).tBodies[0].rows);
    const status = box.querySelector('[role=status]');
    box.hidden = false;
    input.addEventListener('input', () => {
      const words = wordsOf(input);
      let count = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => textOf(row).includes(word));
        count += row.hidden ? 0 : 1;
      }
      status.textContent = words.length === 0 ? '' : `${count} of ${rows.length} rows are shown.`;
    });
  }

  // Opens what a link leads to: the section, or the entry and all that it stands in.
  const openTarget = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (!target) {
      return;
    }
    if (target.hidden && form) {
      form.reset();
      filter();
    }
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === 'DETAILS') {
        each.open = true;
      }
    }
    const fold = target.querySelector(':scope > details.fold');
    if (fold) {
      fold.open = true;
    }
    target.scrollIntoView();
  };
  window.addEventListener('hashchange', openTarget);
  openTarget();

  let closed = [];
  window.addEventListener('beforeprint', () => {
    closed = Array.from(document.querySelectorAll('details:not([open])'));
    closed.forEach((element) => { element.open = true; });
  });
  window.addEventListener('afterprint', () => {
    closed.forEach((element) => { element.open = false; });
    closed = [];
  });
})();
