/** The part of OpenAI's interface that a model which looks at pictures can serve. */
@NullMarked
package dev.squint.webapp.openai;

import org.jspecify.annotations.NullMarked;
