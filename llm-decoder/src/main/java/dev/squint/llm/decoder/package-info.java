/**
 * The language model's decoder on ONNX Runtime.
 *
 * <p>Start with {@link dev.squint.llm.decoder.StagedDecoder}: it is loaded once and shared. {@code
 * prefill} takes a {@link dev.squint.llm.decoder.PrefillRequest} (the prompt and what a plan does
 * to it) and returns a {@link dev.squint.llm.decoder.session.DecodingSession} (logits, append,
 * close).
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
 * different numbers of tokens.
 *
 * <p>The packages below, from the lowest to the highest. Each uses only those above it in the list;
 * a test refuses anything else.
 *
 * <table>
 * <caption>Packages</caption>
 * <tr><td>{@code input}</td><td>embeddings, positions, new tokens</td></tr>
 * <tr><td>{@code cache}</td><td>keys and values of one stage</td></tr>
 * <tr><td>{@code stage}</td><td>one graph: how it runs, what is known when it ends</td></tr>
 * <tr><td>{@code evidence}</td><td>what methods read of layers and caches</td></tr>
 * <tr><td>{@code policy}</td><td>cache policies of one sequence</td></tr>
 * <tr><td>{@code session}</td><td>how prompts and tokens run: dense, routed, glance</td></tr>
 * <tr><td>{@code prefix}</td><td>reuse of earlier prompts</td></tr>
 * <tr><td>{@code batch}</td><td>sequences that decode together</td></tr>
 * </table>
 *
 * <p>Programs need this package, {@code session.DecodingSession}, the classes of {@code input} and
 * the hook of {@code stage}. Everything else is public only because Java has no other way between
 * packages, and may change at any time.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A {@code StagedDecoder} is shared; a {@code DecodingSession} belongs to one request and
 *       must be closed, or native memory leaks.
 *   <li>The last token's logits are in the session before anything was appended.
 *   <li>{@code closeStages} leaves the embeddings open, because the decoder that replaces this one
 *       uses them.
 * </ul>
 *
 * <p>Letters of shapes: B sequences, S new tokens of each, D hidden size, V vocabulary, A position
 * axes.
 */
@NullMarked
package dev.squint.llm.decoder;

import org.jspecify.annotations.NullMarked;
