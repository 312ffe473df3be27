package dev.squint.eval.run;

import java.util.List;
import java.util.Locale;

/**
 * Speed of a run since its last start.
 *
 * @param threads number of pictures processed in parallel
 * @param answers number of answers since the start
 * @param seconds duration
 * @param perMinute answers per minute
 * @param share shares of the threads' time
 */
public record Throughput(int threads, int answers, double seconds, double perMinute, Share share) {

  /**
   * Shares of the threads' time, with a sum of 1.
   *
   * @param preprocess pictures to tiles
   * @param encode tiles to visual tokens, if they were not in the cache
   * @param prune choosing visual tokens
   * @param prefill prompt embeddings and the decoder's prefill
   * @param decode all tokens after the first
   * @param rest reading pictures, writing answers, waiting
   */
  public record Share(
      double preprocess, double encode, double prune, double prefill, double decode, double rest) {}

  /** Sums the times of the answers since the start. */
  static Throughput of(List<Milliseconds> answers, double seconds, int threads) {
    double all = Math.max(seconds, 1e-9) * 1000 * threads;
    double preprocess = answers.stream().mapToDouble(Milliseconds::preprocess).sum() / all;
    double encode =
        answers.stream().filter(ms -> !ms.encodeCached()).mapToDouble(Milliseconds::encode).sum()
            / all;
    double prune = answers.stream().mapToDouble(Milliseconds::prune).sum() / all;
    double prefill = answers.stream().mapToDouble(Milliseconds::prefill).sum() / all;
    double decode = answers.stream().mapToDouble(Milliseconds::decode).sum() / all;
    return new Throughput(
        threads,
        answers.size(),
        seconds,
        60 * answers.size() / Math.max(seconds, 1e-9),
        new Share(
            preprocess,
            encode,
            prune,
            prefill,
            decode,
            1 - preprocess - encode - prune - prefill - decode));
  }

  /** Formats the throughput as one line. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%d answers in %s, %d at a time: %.0f per minute; encode %.0f %% of the time, prefill %.0f %%, decode %.0f %%, rest %.0f %%",
        answers,
        Progress.duration(seconds),
        threads,
        perMinute,
        100 * share.encode(),
        100 * share.prefill(),
        100 * share.decode(),
        100 * (share.preprocess() + share.prune() + share.rest()));
  }
}
