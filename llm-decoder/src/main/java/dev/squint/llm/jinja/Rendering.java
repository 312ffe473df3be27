package dev.squint.llm.jinja;

import java.time.Clock;
import java.util.Map;

/**
 * One rendering of a template.
 *
 * @param variables what the template is given, before its own names
 * @param limit on the work that it may take
 * @param clock the time for {@code strftime_now}
 */
record Rendering(Map<String, Object> variables, WorkLimit limit, Clock clock) {}
