package dev.squint.llm.decoder.batch;

/** How a sequence decodes where a decoder is shared. */
public enum Decoding {
  /** Together with others, where the decoder can do that. */
  SHARED,
  /** By itself, with drafts of its tokens, where the decoder can do that; otherwise shared. */
  DRAFTED,
  /** By itself, and its prompt in one run. */
  ALONE
}
