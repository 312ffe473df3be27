/**
 * Packages from a hub, by the paths of the Hugging Face Hub. {@link dev.squint.llm.hub.Hub} is the
 * way in; it is the only part of Squint that speaks to a network, and only when it is asked to.
 */
@NullMarked
package dev.squint.llm.hub;

import org.jspecify.annotations.NullMarked;
