package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.EncoderMethods.AFTER;
import static dev.squint.pruner.plan.EncoderMethods.encoder;
import static dev.squint.pruner.plan.Method.Budgeting.AT_MOST;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.OWN;
import static dev.squint.pruner.plan.Method.Faithfulness.PARTLY;

import dev.squint.pruner.method.encoder.DyCoke;
import dev.squint.pruner.method.encoder.Evs;
import dev.squint.pruner.method.encoder.MergeFrames;
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
      encoder("quota", AFTER, AT_MOST, new Quota(Quota.Resizing.BILINEAR), AUTHORS_CODE,
          "QuoTA, arXiv 2503.08689",
          "each frame, resized by its relevance to the question"));
  // spotless:on

  private ClipMethods() {}
}
