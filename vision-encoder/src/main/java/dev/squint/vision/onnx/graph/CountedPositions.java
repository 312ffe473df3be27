package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.graph.LengthProbe.Computed;
import dev.squint.vision.onnx.graph.LengthValues.Kind;
import dev.squint.vision.onnx.graph.RotaryOperands.Operand;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Gives positions to a decoder that counts its tokens and spells its rotary embedding out, so that
 * tokens keep their positions after others are dropped.
 *
 * <p>Such a graph computes numbers from the lengths of its inputs, and from these cosines and
 * sines. The numbers are not found by their operators, of which exporters have many, but by their
 * values: what equals the positions of the new tokens, of all tokens, or their number, whatever the
 * lengths are. The cosines and sines are then computed again from the input {@link
 * GraphRewriter#POSITIONS}; masks, which count rows, stay as they are. At the end the result is
 * compared with the graph's own.
 */
final class CountedPositions {

  private static final long[] GAPS = {2, 9, 4, 17, 3};
  private static final int SHIFT = 12;

  private final OnnxModel model;
  private final GraphIndex index;
  private final Layers layers;
  private final HiddenTensors hidden;
  private final RotaryOperands search;
  private final List<Set<Operand>> perLayer = new ArrayList<>();
  private final boolean counts;

  /**
   * Finds what to change.
   *
   * @throws IllegalArgumentException if queries or keys of a layer are combined with nothing that
   *     depends on positions; the message names the node
   */
  CountedPositions(OnnxModel model, GraphIndex index, Layers layers) {
    this.model = model;
    this.index = index;
    this.layers = layers;
    this.hidden = HiddenTensors.of(index, layers);
    this.search = new RotaryOperands(index, hidden);
    this.counts = !index.inputs().containsKey(GraphRewriter.POSITIONS);
    if (index.producer(GraphRewriter.POSITIONS) >= 0) {
      throw new IllegalArgumentException(
          "it names a tensor of its own '%s', as the input would be named"
              .formatted(GraphRewriter.POSITIONS));
    }
    for (AttentionSite site : layers.sites()) {
      perLayer.add(operands(site));
    }
  }

  private Set<Operand> operands(AttentionSite site) {
    Set<Operand> operands = new LinkedHashSet<>();
    if (site instanceof GroupQuerySite group && group.rotates()) {
      group.tables().stream()
          .filter(search::dependsOnLengths)
          .forEach(table -> operands.add(new Operand(site.node(), table)));
      return operands;
    }
    for (String multiplied : site.multiplied()) {
      Set<Operand> of = search.of(multiplied);
      if (of.isEmpty() && counts) {
        throw unturned(site, multiplied);
      }
      operands.addAll(of);
    }
    return operands;
  }

  private IllegalArgumentException unturned(AttentionSite site, String multiplied) {
    return new IllegalArgumentException(
        "it multiplies '%s' in %s, which no cosines and sines of positions have turned"
            .formatted(multiplied, Nodes.describe(index.node(site.node()))));
  }

  /**
   * Lets the rotary embedding read the input of positions.
   *
   * @throws IllegalArgumentException if what it is computed from follows no known pattern; the
   *     message names the node
   */
  void giveTo(GraphEditor editor) {
    Set<Operand> all = new LinkedHashSet<>();
    perLayer.forEach(all::addAll);
    if (all.isEmpty()) {
      return;
    }
    Set<String> upstream = upstream(all);
    LengthValues values = LengthValues.of(model, index, hidden, upstream);
    boolean byLength = upstream.stream().anyMatch(each -> values.kind(each) == Kind.TOTAL);
    if (!counts && (!byLength || hasAxes())) {
      return; // All that it computes of the lengths follows from the positions that it is given.
    }
    editor.input(GraphRewriter.POSITIONS, GraphEditor.INT64, "batch_size", "sequence_length");
    PlacedValues placed = new PlacedValues(index, editor, search, values);
    Map<String, String> changed = new LinkedHashMap<>();
    for (Operand operand : all) {
      String by = placed.operand(operand);
      if (!by.equals(operand.tensor())) {
        editor.replace(
            operand.node(),
            Nodes.renamed(editor.node(operand.node()), Map.of(operand.tensor(), by)));
        changed.put(operand.tensor(), by);
      }
    }
    if (counts) {
      layers.sites().forEach(site -> checkTurned(site, changed.keySet()));
    }
    // Given as it is, an offset stands for positions and has no rows to compare.
    changed.values().removeIf(GraphRewriter.POSITIONS::equals);
    check(editor, changed);
  }

  /** Whether positions are given apart for time, height and width. */
  private boolean hasAxes() {
    ValueInfoProto positions = index.inputs().get(GraphRewriter.POSITIONS);
    return positions != null && positions.getType().getTensorType().getShape().getDimCount() != 2;
  }

  private void checkTurned(AttentionSite site, Set<String> changed) {
    if (site instanceof GroupQuerySite group && group.rotates()) {
      return;
    }
    for (String multiplied : site.multiplied()) {
      if (search.of(multiplied).stream().noneMatch(each -> changed.contains(each.tensor()))) {
        throw unturned(site, multiplied);
      }
    }
  }

  /** The operands and all that they are computed from. */
  private Set<String> upstream(Set<Operand> operands) {
    Set<String> all = new LinkedHashSet<>();
    operands.forEach(operand -> all.add(operand.tensor()));
    List<String> open = new ArrayList<>(all);
    while (!open.isEmpty()) {
      for (String source : search.sources(open.remove(open.size() - 1))) {
        if (!index.inputs().containsKey(source) && all.add(source)) {
          open.add(source);
        }
      }
    }
    return all;
  }

  /** Compares what is computed from given positions with the graph's own results. */
  private void check(GraphEditor editor, Map<String, String> changed) {
    if (changed.isEmpty()) {
      return;
    }
    GraphIndex edited = new GraphIndex(editor.build());
    try (LengthProbe before = new LengthProbe(model, index, hidden, changed.keySet());
        LengthProbe after =
            new LengthProbe(model, edited, hidden, new HashSet<>(changed.values()))) {
      long[] counted = new long[GAPS.length];
      Arrays.setAll(counted, i -> SHIFT + i);
      Map<String, Computed> later = before.run(SHIFT, counted);
      Map<String, Computed> shifted = after.run(GAPS.length, counted);
      Map<String, Computed> gaps = after.run(GAPS.length, GAPS);
      // All positions up to the highest, so that what is chosen by the number of tokens is the
      // same.
      long[] whole = LongStream.rangeClosed(0, Arrays.stream(GAPS).max().orElse(0)).toArray();
      Map<String, Computed> full = before.run(0, whole);
      changed.forEach(
          (old, by) -> {
            Computed given = get(gaps, by);
            boolean same =
                get(later, old).equalTo(get(shifted, by))
                    && (given.equalTo(get(full, old)) || given.hasRowsOf(get(full, old), GAPS));
            if (!same) {
              throw new IllegalArgumentException(
                  "it computes '%s' by more than the positions of its tokens".formatted(old));
            }
          });
    }
  }

  private static Computed get(Map<String, Computed> values, String name) {
    Computed found = values.get(name);
    if (found == null) {
      throw new IllegalStateException("'%s' was not computed".formatted(name));
    }
    return found;
  }
}
