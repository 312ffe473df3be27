/**
 * The files of a model package in the Hugging Face ONNX layout. Start with {@link
 * dev.squint.llm.model.ModelPackage}: which file is which graph, and what the configuration files
 * say. {@link dev.squint.llm.model.Tokenizer} turns text into ids and back. {@link
 * dev.squint.llm.model.TrainedMethods} holds the weights that {@code squint.json} names.
 *
 * <p>Nothing here knows a model by its name: a new model of a known family works without a change.
 * What families have in common is {@link dev.squint.llm.model.Family}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Files that a package may leave out read as a missing node, not as null.
 *   <li>An error names the file in the package and is one line. Make it with {@link
 *       dev.squint.llm.model.ModelPackage#broken}.
 *   <li>One token id may be a part of a character. {@link dev.squint.llm.model.TextStream} waits
 *       for the rest; do not decode tokens one by one.
 * </ul>
 */
@NullMarked
package dev.squint.llm.model;

import org.jspecify.annotations.NullMarked;
