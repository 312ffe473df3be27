package dev.squint.llm.decoder.evidence;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Which rows of a prompt are what.
 *
 * @param visual rows of the visual tokens, ascending
 * @param text how many tokens of text follow the pictures; they come last
 * @param tokens all tokens, S
 */
record PromptRows(int[] visual, int text, int tokens) {

  /** Adds the last token. */
  void addLast(BitSet rows) {
    rows.set(tokens - 1);
  }

  /** Adds the text tokens after the pictures. */
  void addText(BitSet rows) {
    rows.set(tokens - text, tokens);
  }

  /** Adds the visual tokens. */
  void addVisual(BitSet rows) {
    IntStream.of(visual).forEach(rows::set);
  }

  /** Adds all tokens. */
  void addAll(BitSet rows) {
    rows.set(0, tokens);
  }

  /** The rows of the text tokens after the pictures. */
  int[] textRows() {
    return IntStream.range(tokens - text, tokens).toArray();
  }
}
