/**
 * Data sets: questions with right answers, and the readers that turn files into them. A data set is
 * a folder, or a zip that is read as one.
 */
@NullMarked
package dev.squint.eval.data;

import org.jspecify.annotations.NullMarked;
