/**
 * Methods that decide which groups of patches are encoded. A group is the patches that become one
 * visual token.
 *
 * <p>Two kinds. Methods by pixels ({@link dev.squint.pruner.method.patches.PixelPrune} and others)
 * leave out groups that repeat what another group shows. Methods by the global view ({@link
 * dev.squint.pruner.method.patches.GlobalCom2Patches} and others) have it encoded whole and lay its
 * attention, or its relevance to the question, over the crops ({@code ViewOverlay}). A picture
 * without crops has only its global view, so these methods save nothing there.
 *
 * <p>Start with {@link dev.squint.pruner.method.patches.PixelPrune}. Traps: nothing is encoded yet,
 * so features and attention are available only of views that were encoded first; a group that is
 * left out has no token, so the budget of a later step counts fewer tokens.
 */
@NullMarked
package dev.squint.pruner.method.patches;

import org.jspecify.annotations.NullMarked;
