package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.PARTLY;

import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.Point;
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
import java.util.Set;

/** Policies for the KV cache. */
final class CacheMethods {

  // spotless:off
  static final List<Method> ALL = List.of(
      cache("h2o", EXACT, new H2o(0.5), AUTHORS_CODE,
          "H2O, arXiv 2306.14048",
          "the newest rows, and the rows that have received the most attention"),
      cache("snapkv", EXACT, new SnapKv(32, 5, SnapKv.Pool.MEAN), AUTHORS_CODE,
          "SnapKV, arXiv 2404.14469",
          "the last rows of the prompt, and the rows around those that they attend to most"),
      cache("streamingllm", EXACT, new StreamingLlm(4, false), PARTLY,
          "StreamingLLM, arXiv 2309.17453; tokens stay at their positions",
          "the first rows and the newest ones"),
      cache("lookm", EXACT, new LookM(LookM.Merging.PIVOT, 0.5, true), AUTHORS_CODE,
          "LOOK-M, arXiv 2406.18139",
          "all text, and the most attended rows of the pictures with the others merged into them"),
      cache("zipvl", ADAPTIVE, new ZipVl(0.96, ZipVl.Others.DROPPED, 64, 64), OUR_READING,
          "ZipVL, arXiv 2410.08584",
          "in each layer the fewest rows that receive a share of the attention"),
      cache("mustdrop-cache", ADAPTIVE, new MustDropCache(2), AUTHORS_CODE,
          "MustDrop, arXiv 2411.10803, decoding stage",
          "in the deeper layers only the tokens that reached the last layer"),
      cache("think", EXACT, new ThinK(32, 32), AUTHORS_CODE,
          "ThinK, arXiv 2407.21018",
          "all rows; of the keys only the channels with the most weight for the last queries"),
      cache("gear", ADAPTIVE, new Gear(4, 64, 0.02, 2, 3, 20), AUTHORS_CODE,
          "GEAR, arXiv 2403.05527",
          "all rows in low-bit codes, with outliers and a low-rank correction"),
      cache("quantised", ADAPTIVE, new Quantised(8, 32), PARTLY,
          "ZipCache's quantisers, arXiv 2405.14256, for all rows alike",
          "all rows in low-bit codes"));
  // spotless:on

  private CacheMethods() {}

  private static Method cache(
      String name,
      Budgeting budgeting,
      CachePolicy policy,
      Faithfulness faithfulness,
      String paper,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Cache(policy),
        Set.of(Point.Kind.CACHE),
        budgeting,
        paper,
        faithfulness);
  }
}
