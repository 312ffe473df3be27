/**
 * How a prompt runs and how tokens follow it, one class for each way.
 *
 * <p>Start with {@link dev.squint.llm.decoder.session.DecodingSession}. {@link
 * dev.squint.llm.decoder.session.DensePrefill} runs a prompt through all stages, {@link
 * dev.squint.llm.decoder.session.DenseSession} decodes after it. {@link
 * dev.squint.llm.decoder.session.RoutedSession} lets a router pick the tokens of every layer,
 * {@link dev.squint.llm.decoder.session.Glance} runs the first layers alone. {@link
 * dev.squint.llm.decoder.session.StepExecutor} runs the next token of several sequences ({@link
 * dev.squint.llm.decoder.session.SequenceRow}) in one pass, {@link
 * dev.squint.llm.decoder.session.RowExecutor} that of rows with lengths of their own.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A restart empties all caches, and the layers before it run twice.
 *   <li>The next position differs from stage to stage where a stage renumbered its tokens.
 *   <li>Policies, exits, routers and evidence work on one sequence at a time. Only new tokens and
 *       the step itself take several.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.session;

import org.jspecify.annotations.NullMarked;
