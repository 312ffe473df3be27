package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.stage.StageRun;
import java.util.List;

/**
 * What ran on a prompt and what was saved.
 *
 * @param runs runs of layers in their order; a decoder that restarted ran some layers twice
 * @param reusedTokens tokens whose keys and values an earlier prompt left
 * @param reusedMillis milliseconds that the decoder took for these tokens in earlier prompts
 * @param operations operations of routing the prompt and of deciding about its cache, {@link
 *     dev.squint.pruner.Operations}; those of a {@link dev.squint.llm.decoder.stage.StageHook} are
 *     not among them
 */
public record PrefillReport(
    List<StageRun> runs, int reusedTokens, double reusedMillis, double operations) {

  public PrefillReport {
    runs = List.copyOf(runs);
  }
}
