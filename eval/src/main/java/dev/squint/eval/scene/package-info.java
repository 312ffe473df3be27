/**
 * Pictures and clips with known ground truth, drawn by seed, so that anybody can make held-out data
 * that no model has seen: shapes, words, charts and short clips, the questions that one can ask
 * about them, and the boxes of the things asked about.
 */
@NullMarked
package dev.squint.eval.scene;

import org.jspecify.annotations.NullMarked;
