/**
 * Data sets: questions with right answers, and the readers of their files. A data set is a folder,
 * or a zip that is read like a folder.
 */
@NullMarked
package dev.squint.eval.data;

import org.jspecify.annotations.NullMarked;
