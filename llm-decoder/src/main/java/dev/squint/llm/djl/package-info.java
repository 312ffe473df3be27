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
 * <p>Start with {@link dev.squint.llm.djl.SquintTranslatorFactory}, which is all that a caller
 * names.
 *
 * <p>A package is several graphs that work together, and the decoder's caches must return to it
 * without copies. So Squint is an engine of DJL beside "OnnxRuntime", which runs one graph from
 * NDArrays to NDArrays. Values go through DJL unchanged, in its own passthrough classes.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The option {@code variant} of a {@code Criteria} chooses the variant of the graphs; other
 *       options of loading need {@link dev.squint.llm.VisionLanguageModel} itself.
 *   <li>{@code ZooModel.close()} closes the model; answers in progress end first.
 * </ul>
 */
@NullMarked
package dev.squint.llm.djl;

import org.jspecify.annotations.NullMarked;
