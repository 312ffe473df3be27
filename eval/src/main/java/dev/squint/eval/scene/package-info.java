/**
 * Synthetic pictures and clips with known answers and boxes, drawn from a seed: shapes, text,
 * charts and short clips. Anybody can draw held-out data that no model was trained on.
 */
@NullMarked
package dev.squint.eval.scene;

import org.jspecify.annotations.NullMarked;
