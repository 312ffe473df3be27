package dev.squint.eval.run;

import java.util.List;
import java.util.Locale;

/**
 * How quickly a run went since its last start, and what the time of its threads went into.
 *
 * @param threads how many pictures were worked on at once
 * @param answers that were given since the start
 * @param seconds that they took
 * @param perMinute answers a minute
 * @param share of the threads' time
 */
public record Throughput(int threads, int answers, double seconds, double perMinute, Share share) {

  /**
   * Parts of the threads' time; together 1.
   *
   * @param preprocess pictures to tiles
   * @param encode tiles to visual tokens, where the cache did not have them
   * @param prune choosing visual tokens
   * @param prefill prompt and the decoder's first run
   * @param decode all tokens after the first
   * @param rest reading pictures, writing answers, waiting
   */
  public record Share(
      double preprocess, double encode, double prune, double prefill, double decode, double rest) {}

  /** Sums up the times of the answers since the start. */
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

  /** One line for people. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%d answers in %s with --threads %d: %.0f a minute; %.0f %% of the time to encode, %.0f %% to prefill, %.0f %% to decode, %.0f %% for the rest",
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
