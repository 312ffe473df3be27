// Elements without HTML strings: text of models, files and servers never becomes markup.

const SVG = 'http://www.w3.org/2000/svg';

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element; properties that start with "on" are listeners, the others are attributes. */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Makes an element of a drawing. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value != null) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Calls the listener with the newest value, at most once in `millis` milliseconds, because layout takes time. */
export function paced(listener, millis = 80) {
  let newest;
  let timer = null;
  return (value) => {
    newest = value;
    timer ??= setTimeout(() => {
      timer = null;
      listener(newest);
    }, millis);
  };
}

/** Announces a text to screen readers. */
export function announce(text) {
  byId('live').textContent = text;
}

/** Shows an error until the next success; an empty text hides it. */
export function complain(text) {
  const alert = byId('alert');
  alert.textContent = text;
  alert.hidden = !text;
}

/** Downloads a file. */
export function download(name, blob) {
  const link = el('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
