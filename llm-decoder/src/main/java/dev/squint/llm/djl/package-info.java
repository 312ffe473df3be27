/**
 * Squint for users of the Deep Java Library: a {@code Criteria} on a model package gives a {@code
 * Predictor} from {@link dev.squint.llm.djl.VisualQuestion} to {@link dev.squint.llm.Answer}, or
 * from {@link dev.squint.vision.picture.Picture} to {@link dev.squint.pruner.PatchTokens}.
 *
 * <pre>{@code
 * Criteria<VisualQuestion, Answer> criteria =
 *     Criteria.builder()
 *         .setTypes(VisualQuestion.class, Answer.class)
 *         .optModelPath(Path.of("samples/tiny-vlm/package"))
 *         .optEngine("Squint")
 *         .optTranslatorFactory(new SquintTranslatorFactory())
 *         .build();
 * }</pre>
 *
 * <p>A package is several graphs that work together, and the decoder's caches must be fed back
 * without copies. So Squint is an engine of DJL's beside "OnnxRuntime", which runs one graph from
 * NDArrays to NDArrays: values pass through DJL as they are, by its own passthrough classes.
 * Nothing is loaded twice, and nothing is looked for on the network.
 */
@NullMarked
package dev.squint.llm.djl;

import org.jspecify.annotations.NullMarked;
