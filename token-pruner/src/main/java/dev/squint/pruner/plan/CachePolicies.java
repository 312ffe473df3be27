package dev.squint.pruner.plan;

import dev.squint.pruner.method.cache.Gear;
import dev.squint.pruner.method.cache.H2o;
import dev.squint.pruner.method.cache.LookM;
import dev.squint.pruner.method.cache.MustDropCache;
import dev.squint.pruner.method.cache.Quantised;
import dev.squint.pruner.method.cache.SnapKv;
import dev.squint.pruner.method.cache.StreamingLlm;
import dev.squint.pruner.method.cache.ThinK;
import dev.squint.pruner.method.cache.ZipVl;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import java.util.List;

/** The catalogue of cache policies. All are training-free. */
public final class CachePolicies {
  private static final List<CacheMethod> ALL =
      List.of(
          new CacheMethod(
              "h2o",
              "the newest rows, and those that have received the most attention",
              new H2o(0.5),
              Budgeting.EXACT,
              "H2O, arXiv 2306.14048",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "snapkv",
              "the last rows of the prompt, and those around which they look",
              new SnapKv(32, 5, SnapKv.Pool.MEAN),
              Budgeting.EXACT,
              "SnapKV, arXiv 2404.14469",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "streamingllm",
              "the first rows and the newest ones",
              new StreamingLlm(4, false),
              Budgeting.EXACT,
              "StreamingLLM, arXiv 2309.17453; tokens stay at their positions",
              Faithfulness.PARTLY),
          new CacheMethod(
              "lookm",
              "all text, and what the pictures' most attended rows and those merged into them hold",
              new LookM(LookM.Merging.PIVOT, 0.5, true),
              Budgeting.EXACT,
              "LOOK-M, arXiv 2406.18139",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "zipvl",
              "in each layer the rows that hold a share of the attention",
              new ZipVl(0.96, ZipVl.Others.DROPPED, 64, 64),
              Budgeting.ADAPTIVE,
              "ZipVL, arXiv 2410.08584",
              Faithfulness.OUR_READING),
          new CacheMethod(
              "mustdrop-cache",
              "in all deeper layers the tokens that came to the last one",
              new MustDropCache(2),
              Budgeting.ADAPTIVE,
              "MustDrop, arXiv 2411.10803, decoding stage",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "think",
              "of the keys the channels that the last queries make most of",
              new ThinK(32, 32),
              Budgeting.EXACT,
              "ThinK, arXiv 2407.21018",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "gear",
              "all rows in few bits, with outliers and what the codes lose",
              new Gear(4, 64, 0.02, 2, 3, 20),
              Budgeting.ADAPTIVE,
              "GEAR, arXiv 2403.05527",
              Faithfulness.AUTHORS_CODE),
          new CacheMethod(
              "quantised",
              "all rows in few bits",
              new Quantised(8, 32),
              Budgeting.ADAPTIVE,
              "ZipCache's quantisers, arXiv 2405.14256, for all rows alike",
              Faithfulness.PARTLY));

  private CachePolicies() {}

  /** All policies, in the catalogue's order. */
  public static List<CacheMethod> all() {
    return ALL;
  }

  /**
   * The policy of this name.
   *
   * @throws IllegalArgumentException listing the names that there are
   */
  static CacheMethod get(String name) {
    return ALL.stream()
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no cache policy is called '%s'; there are %s"
                        .formatted(name, ALL.stream().map(CacheMethod::name).toList())));
  }
}
