package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.evidence.EncoderLayerTokens;
import dev.squint.pruner.evidence.JointImageEmbeddings;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.evidence.TileSummary;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The encoder's kinds of evidence by their texts, such as {@code ClsAttention[layer=-1]}. */
public final class EvidenceNames {

  private static final Pattern NAME =
      Pattern.compile("([A-Za-z]{1,40})\\[(?:[a-z]{1,20}=([-+.0-9E]{1,30}))?]");

  private static final Map<String, Function<String, Evidence<?>>> KINDS =
      Map.ofEntries(
          Map.entry("ClsAttention", layer -> new ClsAttention(Integer.parseInt(layer))),
          Map.entry("ClsAttentionAt", depth -> new ClsAttentionAt(Double.parseDouble(depth))),
          Map.entry("ClsLogits", layer -> new ClsLogits(Integer.parseInt(layer))),
          Map.entry("ClsQueryAndKey", layer -> new ClsQueryAndKey(Integer.parseInt(layer))),
          Map.entry("DeepFeatures", level -> new DeepFeatures(Integer.parseInt(level))),
          Map.entry("EncoderFlow", none -> new EncoderFlow()),
          Map.entry("EncoderHidden", layer -> new EncoderHidden(Integer.parseInt(layer))),
          Map.entry("EncoderKeys", layer -> new EncoderKeys(Integer.parseInt(layer))),
          Map.entry("EncoderLayerTokens", none -> new EncoderLayerTokens()),
          Map.entry("JointImageEmbeddings", none -> new JointImageEmbeddings()),
          Map.entry("ReceivedAttention", depth -> new ReceivedAttention(Double.parseDouble(depth))),
          Map.entry("TileSummary", none -> new TileSummary()));

  private EvidenceNames() {}

  /**
   * The kind of evidence with this text.
   *
   * @throws IllegalArgumentException if there is none of the encoder
   */
  public static Evidence<?> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    Function<String, Evidence<?>> kind = matcher.matches() ? KINDS.get(matcher.group(1)) : null;
    if (kind != null) {
      String value = matcher.group(2);
      Evidence<?> evidence = kind.apply(value == null ? "" : value);
      if (evidence.toString().equals(name)) {
        return evidence;
      }
    }
    throw new IllegalArgumentException(
        "the encoder has no evidence '%s'; it has %s"
            .formatted(name.length() <= 80 ? name : name.substring(0, 80) + "...", KINDS.keySet()));
  }
}
