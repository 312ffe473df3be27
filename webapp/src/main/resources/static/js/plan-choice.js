// The plan of the next answer.

import { byId } from './dom.js';
import { setMethods } from './method-dialog.js';
import { planPicker, setPresets } from './plan-picker.js';

let picker = null;

/** {plan, preset} of the next answer; preset is null for a chosen method. */
export const current = () => ({ plan: picker.plan(), preset: picker.preset() });

/** Offers the presets of the model and the methods of the server. */
export function wire(methods, presets) {
  setMethods(methods);
  setPresets(presets);
  picker = planPicker('exact');
  byId('ask-plan').replaceChildren(picker.element);
}
