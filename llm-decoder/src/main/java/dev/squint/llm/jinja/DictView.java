package dev.squint.llm.jinja;

import java.util.List;

/**
 * What {@code keys()}, {@code values()} and {@code items()} of a dict give.
 *
 * @param kind the method's name
 */
record DictView(String kind, List<Object> items) {}
