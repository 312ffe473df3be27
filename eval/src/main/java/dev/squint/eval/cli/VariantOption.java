package dev.squint.eval.cli;

import dev.squint.llm.model.Variants;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The precision variant of the graphs. */
final class VariantOption {

  @Option(
      names = "--variant",
      paramLabel = "V",
      description =
          "Precision variant of the graphs: 'q8', or per session 'decoder=q4,vision=fp16'; 'auto' measures once which is the fastest on this machine.")
  private @Nullable String variant;

  /** Whether a variant was given. */
  boolean isGiven() {
    return variant != null;
  }

  Variants variants() {
    return variant == null ? Variants.ANY : Variants.parse(variant);
  }
}
