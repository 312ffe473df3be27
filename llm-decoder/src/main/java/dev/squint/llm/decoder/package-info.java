/**
 * The language model's decoder on ONNX Runtime: {@link dev.squint.llm.decoder.StagedDecoder} is
 * loaded once and shared, {@link dev.squint.llm.decoder.DecodingSession} holds the caches and
 * positions of one answer.
 *
 * <p>A decoder is a chain of stages. An export as Hugging Face makes it is one stage; cut after
 * some of its layers it is several, each with the cache of its own layers, so that layers may hold
 * different numbers of tokens. What a graph takes and gives is read from its metadata ({@link
 * dev.squint.llm.decoder.StageSignature}).
 *
 * <p>Between the stages of a prefill an {@link dev.squint.llm.decoder.StageHook} sees what the
 * layers have made of the prompt, attention included, and says which tokens go on ({@link
 * dev.squint.llm.decoder.StageInput}). Generated tokens follow on the whole prompt in every stage,
 * unless a stage counts its tokens anew.
 *
 * <p>Letters of shapes: S tokens that are new in a step, D hidden size, V vocabulary.
 */
@NullMarked
package dev.squint.llm.decoder;

import org.jspecify.annotations.NullMarked;
