package dev.squint.llm.jinja;

import java.time.Clock;
import java.util.Map;

/**
 * One rendering of a template.
 *
 * @param variables what the template is given, before its own names
 * @param budget what is left to spend
 * @param clock the time for {@code strftime_now}
 */
record Run(Map<String, Object> variables, Budget budget, Clock clock) {}
