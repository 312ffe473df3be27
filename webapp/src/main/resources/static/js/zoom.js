// Zoom and pan of the large picture.

import { byId } from './dom.js';
import { decimal, t } from './i18n.js';

const MOST = 8;
const STEP = 1.5;

const state = { scale: 1, x: 0, y: 0 };
/** The middle of two fingers, and their distance; null with fewer or more fingers. */
let pinch = null;
let redraw = () => {};

/** Whether the picture is larger than its frame. */
export const isZoomed = () => state.scale > 1;

/** Whether two fingers zoom the picture. */
export const isPinching = () => pinch !== null;

/** Shows the whole picture. */
export function reset() {
  Object.assign(state, { scale: 1, x: 0, y: 0 });
  apply();
}

function apply() {
  const frame = byId('frame');
  state.x = Math.min(0, Math.max(frame.clientWidth * (1 - state.scale), state.x));
  state.y = Math.min(0, Math.max(frame.clientHeight * (1 - state.scale), state.y));
  byId('lens').style.transform = isZoomed() ? `translate(${state.x}px, ${state.y}px) scale(${state.scale})` : '';
  byId('zoom-reset').textContent = t('zoom.percent', { percent: decimal(100 * state.scale, 0) });
  byId('zoom-out').disabled = !isZoomed();
  byId('zoom-in').disabled = state.scale >= MOST;
  frame.classList.toggle('zoomed', isZoomed());
  redraw();
}

/** Zooms by a factor; the place (default: the middle of the frame) stays where it is. */
export function zoom(factor, place = null) {
  const box = byId('frame').getBoundingClientRect();
  const x = place ? place.clientX - box.left : box.width / 2;
  const y = place ? place.clientY - box.top : box.height / 2;
  const scale = Math.min(MOST, Math.max(1, state.scale * factor));
  state.x = x - ((x - state.x) * scale) / state.scale;
  state.y = y - ((y - state.y) * scale) / state.scale;
  state.scale = scale;
  apply();
}

/** Moves the picture by pixels of the window. */
export function pan(x, y) {
  state.x += x;
  state.y += y;
  apply();
}

/** Wires the buttons, the wheel with Ctrl, two fingers, and the keys + - 0; draw() redraws the overlay. */
export function wire(draw) {
  redraw = draw;
  byId('zoom-in').addEventListener('click', () => zoom(STEP));
  byId('zoom-out').addEventListener('click', () => zoom(1 / STEP));
  byId('zoom-reset').addEventListener('click', reset);
  byId('frame').addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 300), event);
      }
    },
    { passive: false },
  );
  wirePinch(byId('frame'));
  byId('overlay').addEventListener('keydown', (event) => {
    const action = { '+': () => zoom(STEP), '=': () => zoom(STEP), '-': () => zoom(1 / STEP), 0: reset }[event.key];
    if (action && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      action();
    }
  });
}

function wirePinch(frame) {
  const follow = (event) => {
    const before = pinch;
    pinch = event.touches.length === 2 ? fingers(...event.touches) : null;
    if (!pinch) {
      return;
    }
    // Otherwise the browser zooms or scrolls the whole page. It cannot be kept from a scroll that has begun.
    if (event.cancelable) {
      event.preventDefault();
    }
    if (before) {
      zoom(pinch.distance / before.distance, before);
      pan(pinch.clientX - before.clientX, pinch.clientY - before.clientY);
    }
  };
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
    frame.addEventListener(type, follow, { passive: false });
  }
}

const fingers = (one, other) => ({
  clientX: (one.clientX + other.clientX) / 2,
  clientY: (one.clientY + other.clientY) / 2,
  // Two fingers at one place would divide by zero.
  distance: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
});
