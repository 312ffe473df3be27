/**
 * Downloads model packages by the paths of the Hugging Face Hub. Start with {@link
 * dev.squint.llm.hub.Hub}. It is the only part of Squint that uses a network, and only when it is
 * asked to.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A download that was stopped resumes where it ended; a file has its final name only when it
 *       is complete and its checksum fits.
 *   <li>Names of repositories and files come from outside: {@link
 *       dev.squint.llm.hub.RepositoryName} and the listing refuse what would leave the folder.
 *   <li>Only the needed files are fetched, so another variant of a graph needs another download.
 * </ul>
 */
@NullMarked
package dev.squint.llm.hub;

import org.jspecify.annotations.NullMarked;
