package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.policy.CachePolicyRunner;
import dev.squint.llm.decoder.stage.DecoderStage;
import java.util.Arrays;

/**
 * One sequence among those that decode together: the position of its next token, the number of
 * generated tokens, and its cache policies. Not thread-safe.
 */
public final class SequenceRow {

  private final long[] nextPositions;
  private final CachePolicyRunner policies;
  private final LayerExits exits;
  private int generated;

  /**
   * A sequence after its prompt.
   *
   * @param nextPositions position of the next token in each stage
   */
  public SequenceRow(long[] nextPositions, CachePolicyRunner policies, LayerExits exits) {
    this.nextPositions = nextPositions.clone();
    this.policies = policies;
    this.exits = exits;
  }

  CachePolicyRunner policies() {
    return policies;
  }

  /** Position of the next token in a stage. */
  long nextPosition(int stage) {
    return nextPositions[stage];
  }

  /** Number of the next token among those that are generated, from 0. */
  int generated() {
    return generated;
  }

  /** Whether the next token runs through a stage. */
  boolean runs(DecoderStage stage) {
    return exits.run(stage, generated);
  }

  /** Moves on to the token after the one that ran. */
  void advance() {
    advance(1);
  }

  /** Moves on to the token after those that ran. */
  void advance(int tokens) {
    Arrays.setAll(nextPositions, stage -> nextPositions[stage] + tokens);
    generated += tokens;
  }

  /** Moves back before the last tokens, which were drafts. */
  void back(int tokens) {
    advance(-tokens);
  }
}
