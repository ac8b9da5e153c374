// Functions that run inside the page. Each returns a list of what is wrong (or the list asked for).

export function sectionIds() {
  return [...document.querySelectorAll('main section[id]')].map((section) => section.id);
}

export function emptyCharts() {
  const problems = [];
  const plots = document.querySelectorAll('.plot[data-chart]');
  if (plots.length === 0) problems.push('the page has no charts');
  for (const plot of plots) {
    const marks = plot.querySelectorAll('svg [class*="role-mark"] :is(path, line, text, rect, circle)');
    const drawn = [...marks].filter((mark) => mark.tagName === 'text' || (mark.getAttribute('d') ?? 'x').length > 0);
    if (drawn.length === 0) problems.push(`${plot.dataset.chart}: nothing is drawn`);
    const size = plot.getBoundingClientRect();
    if (plot.offsetParent && size.height < 30) problems.push(`${plot.dataset.chart}: only ${size.height} px high`);
    if (/NaN|undefined|Infinity/.test(plot.querySelector('svg')?.outerHTML ?? '')) problems.push(`${plot.dataset.chart}: NaN in the drawing`);
  }
  return problems;
}

export function tooWide() {
  const room = document.documentElement.clientWidth;
  const problems = [];
  if (document.documentElement.scrollWidth > room) problems.push(`the page is ${document.documentElement.scrollWidth} px wide in ${room} px`);
  for (const element of document.querySelectorAll('main *, header *, nav *, footer *')) {
    if (element.closest('.scroll, .hidden, svg') && !element.matches('svg')) continue;
    if (element.closest('.scroll')) continue;
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.right > room + 1) problems.push(`${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ends at ${Math.round(box.right)} px of ${room}: ${element.textContent.trim().slice(0, 40)}`);
  }
  return problems;
}

export function collisions() {
  const problems = [];
  for (const svg of document.querySelectorAll('.plot svg, figure svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const name = svg.closest('[data-chart]')?.dataset.chart ?? svg.closest('figure')?.id;
    const texts = [...svg.querySelectorAll('text')]
      .filter((text) => text.textContent.trim() && getComputedStyle(text).opacity !== '0' && text.getAttribute('opacity') !== '0')
      .map((text) => ({ text: text.textContent.trim().slice(0, 30), box: text.getBoundingClientRect() }));
    for (const { text, box } of texts) {
      if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) problems.push(`${name}: "${text}" is cut off`);
    }
    if (texts.length > 400) continue;
    texts.forEach((a, i) => {
      for (const b of texts.slice(i + 1)) {
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (across > 3 && down > 5) problems.push(`${name}: "${a.text}" and "${b.text}" overlap`);
      }
    });
  }
  return problems;
}

export function headings() {
  const problems = [];
  const all = [...document.querySelectorAll('h1, h2, h3, h4, h5')];
  const titles = all.filter((heading) => heading.tagName === 'H1');
  if (titles.length !== 1) problems.push(`${titles.length} titles`);
  let last = 0;
  for (const heading of all) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) problems.push(`level ${level} after ${last}: ${heading.textContent.trim().slice(0, 50)}`);
    if (!heading.textContent.trim()) problems.push(`an empty heading of level ${level}`);
    last = level;
  }
  for (const section of document.querySelectorAll('main section[id]')) {
    if (!section.querySelector('h2, h3')) problems.push(`section ${section.id} has no heading`);
    if (!section.getAttribute('aria-labelledby')) problems.push(`section ${section.id} is not labelled by its heading`);
  }
  return problems;
}

export function landmarks() {
  const problems = [];
  for (const selector of ['body > header, header', 'main', 'nav[aria-label], nav[aria-labelledby]', 'footer', 'a.skip']) {
    if (!document.querySelector(selector)) problems.push(`no ${selector}`);
  }
  if (!document.documentElement.lang) problems.push('the language of the page is not stated');
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const id = decodeURIComponent(link.getAttribute('href').slice(1));
    if (id && !document.getElementById(id)) problems.push(`a link leads nowhere: #${id}`);
  }
  return problems;
}

export function ids() {
  const problems = [];
  const seen = new Set();
  for (const element of document.querySelectorAll('[id]')) {
    if (seen.has(element.id)) problems.push(`id ${element.id} twice`);
    seen.add(element.id);
  }
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) if (!seen.has(id)) problems.push(`${attribute} names ${id}, which is not there`);
    }
  }
  return problems;
}

export function chartsDescribed() {
  const problems = [];
  for (const plot of document.querySelectorAll('.plot[data-chart]')) {
    const name = plot.dataset.chart;
    if (plot.getAttribute('role') !== 'img') problems.push(`${name}: no role`);
    if ((plot.getAttribute('aria-label') ?? '').length < 20) problems.push(`${name}: no words for those who do not see it`);
    const figure = plot.closest('figure');
    if (!figure?.querySelector('figcaption')?.textContent.trim()) problems.push(`${name}: no caption`);
    if (!figure?.querySelector('details table tbody tr')) problems.push(`${name}: no table`);
  }
  return problems;
}

export function tables() {
  const problems = [];
  for (const table of document.querySelectorAll('table')) {
    if (!table.querySelector('th')) problems.push(`a table without headers: ${table.textContent.trim().slice(0, 40)}`);
    if (!table.caption && !table.getAttribute('aria-label')) problems.push(`a table without a name: ${table.textContent.trim().slice(0, 40)}`);
  }
  return problems;
}

export function policy() {
  const problems = [];
  const text = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content ?? '';
  if (!text.includes("default-src 'none'")) problems.push('default-src is not none');
  for (const word of ['unsafe-eval', 'unsafe-hashes', 'http:', 'https:', '*']) if (text.includes(word)) problems.push(`the policy allows ${word}`);
  if (/script-src[^;]*unsafe-inline/.test(text)) problems.push('the policy allows any inline script');
  for (const element of document.querySelectorAll('body *')) {
    for (const { name } of element.attributes) if (name.startsWith('on')) problems.push(`an inline handler: ${name}`);
  }
  return problems;
}

/** Contrast of every run of text with the nearest background color behind it, by the formula of WCAG 2. */
export function contrast() {
  const parse = (color) => {
    const numbers = color.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return numbers.length === 3 ? [...numbers, 1] : numbers;
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] > 0.5) return color;
    }
    return [255, 255, 255, 1];
  };
  const problems = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('script, style, noscript, svg') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(style.color)), luminance(background(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const needed = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    if (ratio < needed) problems.add(`${ratio.toFixed(2)} for ${element.tagName.toLowerCase()}.${element.className}: ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  for (const text of document.querySelectorAll('svg text')) {
    const fill = getComputedStyle(text).fill;
    if (text.textContent.trim().length < 2) continue; // signs inside colored cells, which repeat the color
    const [a, b] = [luminance(parse(fill)), luminance(background(text.closest('figure') ?? document.body))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 3) problems.add(`${ratio.toFixed(2)} for the text "${text.textContent.slice(0, 30)}" of a chart`);
  }
  return [...problems];
}

export function isDark() {
  const sum = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
  return sum < 180 ? [] : [`the background is ${getComputedStyle(document.body).backgroundColor}`];
}

export function isPaper() {
  const color = getComputedStyle(document.body).backgroundColor;
  return ['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(color) ? [] : [`the background is ${color}`];
}
