package dev.squint.llm.decoder;

/** Decides between two stages of a prefill which tokens go on. */
@FunctionalInterface
public interface Interlude {

  /** What goes on into the next stage, after the layers of one have run. */
  Onward between(StageEnd end);
}
