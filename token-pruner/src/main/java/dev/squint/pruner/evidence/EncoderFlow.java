package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Information flow to each token in an encoder, [N, 2]: its score carried through all layers so
 * far, and the attention to it in the last of them, mean over the heads. Where several patches make
 * a token, their values are summed. FlowCut (arXiv 2505.19536, section 4).
 *
 * <p>Attention is that of the CLS token. Without one it is that of the mean query.
 */
public record EncoderFlow() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
