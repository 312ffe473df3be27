package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.PrefillReport;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.PromptRun;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prefill that starts with keys and values of earlier prompts, runs the rest, at least one token,
 * and remembers what it computed.
 */
public final class PrefixReuse {

  private static final double NANOS_PER_MILLI = 1e6;

  private final PrefixCache prefixes;
  private final List<DecoderStage> stages;

  /** Reuses blocks of this cache in a decoder of these stages. */
  public PrefixReuse(PrefixCache prefixes, List<DecoderStage> stages) {
    this.prefixes = prefixes;
    this.stages = stages;
  }

  /** Runs what of a prompt is not known yet. */
  public Prefilled run(PromptEmbeddings prompt, PromptRun prefill) {
    List<String> keys = PrefixKeys.of(prompt);
    int most = (prompt.tokens() - 1) / PrefixBlock.TOKENS;
    List<PrefixBlock> known = prefixes.find(keys.subList(0, Math.min(keys.size(), most)));
    int reused = known.size() * PrefixBlock.TOKENS;
    long start = System.nanoTime();
    Prefilled prefilled =
        prefill.run(prompt.of(reused, prompt.tokens()), StageCaches.of(stages, known));
    double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
    try {
      double perToken = millis / (prompt.tokens() - reused);
      prefixes.keep(keys, withNew(known, keys.size(), prefilled.caches(), perToken));
    } catch (RuntimeException e) {
      prefilled.close();
      throw e;
    }
    PrefillReport report =
        new PrefillReport(
            prefilled.report().runs(),
            reused,
            known.stream().mapToDouble(PrefixBlock::millis).sum(),
            prefilled.report().operations());
    return new Prefilled(
        prefilled.caches(),
        prefilled.nextPositions(),
        prefilled.logits(),
        report,
        prefilled.policies());
  }

  /** The known blocks and those that were computed, as many as can be kept. */
  private List<PrefixBlock> withNew(
      List<PrefixBlock> known, int count, StageCaches caches, double millisPerToken) {
    long perToken =
        stages.stream().mapToLong(stage -> stage.signature().cacheBytesPerToken()).sum();
    List<Map<String, byte[]>> rows = new ArrayList<>();
    int room = Math.min(count, prefixes.room(perToken * PrefixBlock.TOKENS));
    for (int i = known.size(); i < room; i++) {
      rows.add(new HashMap<>());
    }
    caches.all().forEach(cache -> cache.copy(known.size(), rows));
    List<PrefixBlock> all = new ArrayList<>(known);
    rows.forEach(of -> all.add(new PrefixBlock(of, millisPerToken * PrefixBlock.TOKENS)));
    return all;
  }
}
