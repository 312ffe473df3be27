package dev.squint.llm.jinja;

import java.util.Iterator;

/** What {@code map}, {@code select} and their like give: items that can be read once. */
record Generator(Iterator<Object> items) {}
