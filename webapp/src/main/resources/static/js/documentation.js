// The documentation of a method: its section of docs/methods, which the server has beside the page.

import { el } from './dom.js';

const INDEX = 'docs/methods.md';
const FOLDER = 'docs/methods/';
/** The page of each kind of point; methods after the encoder are on several. */
const PAGES = { frames: 'frames', tiles: 'tiles', patches: 'patches', layer: 'layers', decoder: 'depth', cache: 'cache' };

const texts = new Map();

async function load(path) {
  if (!texts.has(path)) {
    const response = fetch(path).then((found) => (found.ok ? found.text() : ''));
    texts.set(path, response);
  }
  return texts.get(path);
}

/** The pages that list a method, as the index names them. */
async function pagesOf(name) {
  const entries = (await load(INDEX)).split(/\n(?=\* )/);
  return entries.filter((entry) => entry.includes(`\`${name}\``)).flatMap((entry) => /\]\(methods\/([\w-]+)\.md\)/.exec(entry)?.[1] ?? []);
}

/** The section of a method at a point, {text, picture}; null if there is none. */
export async function sectionOf(name, point) {
  const [, kind, number] = /^([a-z]+)(\d*)$/.exec(point);
  const usual = kind === 'encoder' && number ? 'inside-encoder' : PAGES[kind];
  const pages = await pagesOf(name);
  const page = pages.includes(usual) ? usual : pages[0];
  if (!page) {
    return null;
  }
  const sections = (await load(`${FOLDER}${page}.md`)).split(/\n(?=## )/);
  const section = sections.find((each) => each.startsWith(`## \`${name}\``));
  if (!section) {
    return null;
  }
  const [, picture] = /!\[[^\]]*\]\(([\w-]+\.png)\)/.exec(section) ?? [];
  return { text: section.replace(/^## .*\n/, '').replace(/!\[[^\]]*\]\([^)]*\)\n?/g, '').trim(), picture: picture ? FOLDER + picture : null };
}

/** The text of a section as elements: paragraphs, lists and code. */
export function written(text) {
  return text.split(/\n\s*\n/).map((block) => {
    if (/^\s*[|`]{1}[|`]?/.test(block) && (block.startsWith('|') || block.startsWith('```'))) {
      return el('pre', { tabindex: '0' }, block.replace(/^```\w*\n|\n```$/g, ''));
    }
    if (/^[*-] /.test(block)) {
      return el('ul', {}, ...block.split(/\n(?=[*-] )/).map((item) => el('li', {}, ...inline(item.slice(2)))));
    }
    return el('p', {}, ...inline(block));
  });
}

function inline(text) {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\*\*/g, '')
    .split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/)
    .map((part) => {
      if (part.startsWith('`')) {
        return el('code', {}, part.slice(1, -1));
      }
      const [, label, address] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
      return label && /^https:/.test(address) ? el('a', { href: address, rel: 'noreferrer', target: '_blank' }, label) : (label ?? part);
    });
}
