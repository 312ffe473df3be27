package dev.squint.llm;

/**
 * Where the time of an answer went, in milliseconds. The phases follow each other; {@code
 * firstToken} runs from the question to the first token, {@code total} to the last.
 *
 * @param preprocessMillis pictures to tiles of pixel values
 * @param encodeMillis tiles to visual tokens
 * @param pruneMillis choosing and merging visual tokens, before and between the decoder's layers;
 *     the question's embeddings included
 * @param prefillMillis writing and embedding the prompt, and the decoder's first run, without what
 *     {@code pruneMillis} counts between its layers
 * @param decodeMillis all tokens after the first
 * @param firstTokenMillis time to first token
 * @param totalMillis the whole
 * @param cachedEncodeMillis what the encoder took, for an earlier question, for visual tokens that
 *     came from the cache this time; 0 if they were encoded for this answer
 * @param cachedPrefillMillis what the decoder took, for earlier questions, for tokens of the prompt
 *     that were reused this time: their share, by number, of the prefill that computed them
 */
public record Timings(
    double preprocessMillis,
    double encodeMillis,
    double pruneMillis,
    double prefillMillis,
    double decodeMillis,
    double firstTokenMillis,
    double totalMillis,
    double cachedEncodeMillis,
    double cachedPrefillMillis) {}
