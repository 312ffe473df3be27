/**
 * The language model's decoder on ONNX Runtime.
 *
 * <p>Start with {@link dev.squint.llm.decoder.StagedDecoder}: it is loaded once and shared. {@code
 * prefill} takes a {@link dev.squint.llm.decoder.PrefillRequest} (the prompt and what a plan does
 * to it) and returns a {@link dev.squint.llm.decoder.DecodingSession} (logits, append, close).
 *
 * <pre>{@code
 * try (DecodingSession session = decoder.prefill(PrefillRequest.of(prompt))) {
 *   int token = sampler.next(session.logits());
 *   session.append(token);
 * }
 * }</pre>
 *
 * <p>A decoder is a chain of stages. An export as Hugging Face makes it is one stage. Cut after
 * some of its layers it is several, each with a cache of its own layers, so that layers may hold
 * different numbers of tokens. What a graph takes and gives is read from its metadata ({@link
 * dev.squint.llm.decoder.StageSignature}).
 *
 * <p>How a prompt runs, one class for each way:
 *
 * <ul>
 *   <li>{@code DensePrefill}: all stages. Between two stages a {@link
 *       dev.squint.llm.decoder.StageHook} reads what the layers computed ({@link
 *       dev.squint.llm.decoder.StageEnd}) and decides what the next stage runs on ({@link
 *       dev.squint.llm.decoder.StageInput}). {@code CachePolicyRunner} applies cache policies after
 *       the last stage.
 *   <li>{@code PrefixReuse}: the same, starting with keys and values of earlier prompts.
 *   <li>{@code RoutedSession}: mixture of depths. A router picks the tokens of every layer.
 *   <li>{@code Glance}: the first layers alone, to read attention before crops are encoded.
 * </ul>
 *
 * <p>How tokens are decoded: {@code StepExecutor} runs the next token of a list of sequences
 * ({@code SequenceRow}) through all stages. They share one {@code StageCache} per stage, which
 * counts the tokens of each sequence. Every session decodes alone today, so the list has one row.
 *
 * <p>Evidence: what methods read between layers is in {@code LayerReadings}, what cache policies
 * read in {@code CacheReadings}, one class for each kind: its taps, its value, its operations.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The result of a stage lives until the stage runs again, because its tensors are the next
 *       step's cache. Whoever keeps values longer copies them.
 *   <li>Generated tokens follow the whole prompt in every stage, unless a stage renumbered its
 *       tokens: the next position differs from stage to stage, and from the number of cached
 *       tokens.
 *   <li>A restart empties all caches, and the layers before it run twice.
 *   <li>Cache policies, exits, routers and evidence work on one sequence at a time. Only new tokens
 *       and the step itself take several.
 *   <li>A step without queries computes no taps, so it costs nothing extra to open a decoder with
 *       taps.
 * </ul>
 *
 * <p>Letters of shapes: B sequences, S new tokens of each, D hidden size, V vocabulary, A position
 * axes.
 */
@NullMarked
package dev.squint.llm.decoder;

import org.jspecify.annotations.NullMarked;
