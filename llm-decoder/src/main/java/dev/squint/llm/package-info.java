/**
 * From a question and pictures to an answer. Start with {@link
 * dev.squint.llm.VisionLanguageModel#load} and {@link dev.squint.llm.VisionLanguageModel#ask}.
 *
 * <p>A request is a pipeline. {@code RequestRun} shows it on one page; each step is one class and
 * returns one record of {@code RequestStep}, with what the step took:
 *
 * <ol>
 *   <li>frames: videos become the frames that the plan keeps ({@code ExpandedConversation})
 *   <li>tiles: pictures and frames are cut into tiles ({@code PictureTiling})
 *   <li>{@code EncodeStep}: tiles become visual tokens; the plan may leave tiles out ({@code
 *       TileEncoding})
 *   <li>{@code PruneStep}: the plan acts at the point {@code encoder}
 *   <li>{@code PromptStep}: the text is written, visual tokens are spliced in
 *   <li>{@code PrefillStep}: the decoder reads the prompt; the plan acts between layers ({@code
 *       LayerPruning})
 *   <li>{@code GenerateStep}: tokens become text
 * </ol>
 *
 * {@code AnswerReport} makes the {@link dev.squint.llm.Answer} of the results. A cancelled request
 * gets an answer made of the steps that were finished.
 *
 * <p>{@code ModelLoader} opens the parts of a model once ({@code ModelParts}); all requests share
 * them.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>The decoder is cut again when the first question with a new plan comes. That waits for all
 *       answers in progress, and later questions wait for it. Name plans when loading ({@link
 *       dev.squint.llm.LoadOptions#withPlans}).
 *   <li>A callback of {@link dev.squint.llm.AskOptions} must not ask the same model: if that
 *       question has a new plan, the thread waits for itself.
 *   <li>The prompt is written after pruning, so its length is known late: {@link
 *       dev.squint.llm.ContextExceeded} may come after encoding.
 *   <li>{@link dev.squint.llm.AskOptions#cancelled} is also called by another thread while a graph
 *       runs.
 * </ul>
 */
@NullMarked
package dev.squint.llm;

import org.jspecify.annotations.NullMarked;
