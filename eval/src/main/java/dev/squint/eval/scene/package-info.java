/**
 * Synthetic pictures and clips with known answers and boxes, drawn from a seed: shapes, text,
 * charts and short clips. They give held-out data that no model was trained on.
 *
 * <p>Start with {@link dev.squint.eval.scene.Scenes}. Each family is one class ({@code
 * ShapeScenes}, ...) that returns a {@code Scene}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A seed must give the same scene in every version, because results name seeds. One more call
 *       of {@code Dice} changes everything that is drawn after it.
 *   <li>Fonts differ between machines, so the pixels of text differ too.
 * </ul>
 */
@NullMarked
package dev.squint.eval.scene;

import org.jspecify.annotations.NullMarked;
