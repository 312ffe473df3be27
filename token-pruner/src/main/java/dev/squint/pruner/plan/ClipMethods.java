package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.EncoderMethods.AFTER;
import static dev.squint.pruner.plan.EncoderMethods.encoder;
import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.AT_MOST;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.OWN;
import static dev.squint.pruner.plan.Method.Faithfulness.PARTLY;

import dev.squint.pruner.method.encoder.DyCoke;
import dev.squint.pruner.method.encoder.Evs;
import dev.squint.pruner.method.encoder.FastVid;
import dev.squint.pruner.method.encoder.HoliTom;
import dev.squint.pruner.method.encoder.MergeFrames;
import dev.squint.pruner.method.encoder.PruneVid;
import dev.squint.pruner.method.encoder.Quota;
import dev.squint.pruner.method.encoder.StaticPatches;
import dev.squint.pruner.method.encoder.Variant;
import dev.squint.pruner.method.encoder.VidCom2;
import java.util.List;

/** Methods that compare the tokens of a clip's frames after the encoder. */
final class ClipMethods {

  // spotless:off
  static final List<Method> ALL = List.of(
      encoder("evs", AFTER, EXACT, new Evs(), OUR_READING,
          "Efficient Video Sampling, as vLLM documents it",
          "the first frame, and the tokens that differ most from the previous frame"),
      encoder("static-patches", AFTER, EITHER, new StaticPatches(0.02), OWN,
          "none",
          "the first frame, and the tokens whose pixels changed since the previous frame"),
      encoder("merge-frames", AFTER, EITHER, new MergeFrames(0.9), OWN,
          "none",
          "means of tokens that stay similar from frame to frame, and all others"),
      encoder("vidcom2", AFTER, EXACT, new VidCom2(Variant.PAPER, 0.01), PARTLY,
          "VidCom2, arXiv 2505.14454",
          "the tokens least like their frame and the clip, more of them in frames unlike the clip"),
      encoder("dycoke", AFTER, EITHER, new DyCoke(Variant.PAPER, 0.7), PARTLY,
          "DyCoke, arXiv 2411.15024, without the pruning while decoding",
          "each fourth frame, and the tokens of the others that differ most from an earlier frame"),
      encoder("fastvid", AFTER, EXACT, new FastVid(8, 0.9, 0.4, 4, 0.6), PARTLY,
          "FastVID, arXiv 2503.11187",
          "the most attended tokens of each frame, and dense tokens of some frames with others added"),
      encoder("prunevid", AFTER, ADAPTIVE, new PruneVid(0.8, 0.25, 0.5), AUTHORS_CODE,
          "PruneVid, arXiv 2412.16117, merging stage",
          "one token for places that do not change in a scene, and means of similar tokens"),
      encoder("holitom", AFTER, AT_MOST, new HoliTom(Variant.PAPER, 0.8, 7, 0.6), PARTLY,
          "HoliTom, arXiv 2505.21334, without its merging between decoder layers",
          "one token for places that do not change, and the most attended tokens of each frame"),
      encoder("quota", AFTER, AT_MOST, new Quota(Quota.Resizing.BILINEAR), AUTHORS_CODE,
          "QuoTA, arXiv 2503.08689",
          "each frame, resized by its relevance to the question"));
  // spotless:on

  private ClipMethods() {}
}
