package dev.squint.llm;

/** The phases of a request, in their order. */
public enum RequestPhase {
  /** Pictures and clips to tiles. */
  PREPROCESS,
  /** Tiles to visual tokens. */
  ENCODE,
  /** Dropping and merging visual tokens before the prompt. */
  PRUNE,
  /** Texts and visual tokens to the embeddings of the prompt. */
  PROMPT,
  /** The decoder on the prompt, with the points of the plan between its layers. */
  PREFILL,
  /** The tokens of the answer. */
  GENERATE
}
