/** OpenAI's API, as far as it applies to a vision-language model. */
@NullMarked
package dev.squint.webapp.openai;

import org.jspecify.annotations.NullMarked;
