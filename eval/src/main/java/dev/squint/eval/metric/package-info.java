/** What makes an answer right, and how sure a mean over answers is. Plain functions. */
@NullMarked
package dev.squint.eval.metric;

import org.jspecify.annotations.NullMarked;
