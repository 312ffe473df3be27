/** The models of the server: their names, loading, memory and health. */
@NullMarked
package dev.squint.webapp.model;

import org.jspecify.annotations.NullMarked;
