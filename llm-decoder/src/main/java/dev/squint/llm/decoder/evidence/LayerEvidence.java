package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.vision.onnx.graph.Tap;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The evidence that methods between decoder layers read: which taps it takes, and how these become
 * values. What each kind takes is in {@link LayerReadings}; kinds without a reading there come from
 * elsewhere and are passed over.
 */
public final class LayerEvidence {

  private static final Set<Evidence<?>> GLANCE = Set.of(new LastQueryAttention());

  private final LayerView view;

  /**
   * The evidence at the end of a stage.
   *
   * @param visual rows of the visual tokens
   * @param text how many tokens of text follow on the pictures; they come last
   * @param rotations of the decoder; taken only where evidence needs them
   */
  public LayerEvidence(
      StageEnd end, int[] visual, int text, Supplier<? extends Rotations> rotations) {
    int[] rows = new PromptRows(visual, text, end.tokens()).textRows();
    this.view = new LayerView(end, visual, rows, rotations);
  }

  /** The same without rotations, for evidence that needs none. */
  public LayerEvidence(StageEnd end, int[] visual, int text) {
    this(
        end,
        visual,
        text,
        () -> {
          throw new IllegalStateException("no rotations were given for this evidence");
        });
  }

  /** Whether a decoder that can be cut and tapped provides this kind of evidence between layers. */
  public static boolean gives(Evidence<?> evidence) {
    return LayerReadings.of(evidence).isPresent();
  }

  /** The taps that evidence takes after this number of layers. */
  public static Set<Tap> taps(Set<Evidence<?>> needs, int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    for (Evidence<?> need : needs) {
      LayerReadings.of(need).ifPresent(reading -> reading.addTaps(taps, layers));
    }
    return taps;
  }

  /** The taps that the attention of the last prompt token takes after this number of layers. */
  public static Set<Tap> glanceTaps(int layers) {
    return taps(GLANCE, layers);
  }

  /** Attention of the last prompt token to the visual ones, with its operations. */
  public EvidenceSet glance() {
    return observe(GLANCE);
  }

  /**
   * Rows of the tokens whose queries the evidence takes, ascending.
   *
   * @param visual rows of the visual tokens
   * @param text how many tokens of text follow on the pictures
   * @param tokens tokens that the layers run on, S
   */
  public static int[] queries(Set<Evidence<?>> needs, int[] visual, int text, int tokens) {
    BitSet rows = new BitSet(tokens);
    PromptRows prompt = new PromptRows(visual, text, tokens);
    for (Evidence<?> need : needs) {
      LayerReadings.of(need).ifPresent(reading -> reading.addQueries(rows, prompt));
    }
    return rows.stream().toArray();
  }

  /** The evidence that there is of these kinds. */
  public EvidenceSet observe(Set<Evidence<?>> needs) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> need : needs) {
      Optional<LayerReading<?, ?>> reading = LayerReadings.of(need);
      if (reading.isPresent()) {
        observed = reading.get().add(observed, need, view);
      }
    }
    return observed.after(view.sharedOperations());
  }

  @Override
  public String toString() {
    return "LayerEvidence[%s]".formatted(view);
  }
}
