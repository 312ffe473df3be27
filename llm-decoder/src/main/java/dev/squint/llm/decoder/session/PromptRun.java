package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageCaches;

/** A way to run a prompt through the decoder. */
@FunctionalInterface
public interface PromptRun {

  /**
   * Runs a prompt, or what of it the caches do not hold yet.
   *
   * @param caches of all stages; takes ownership, and closes them if the run fails
   */
  Prefilled run(PromptEmbeddings prompt, StageCaches caches);
}
