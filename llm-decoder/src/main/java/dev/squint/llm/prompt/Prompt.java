package dev.squint.llm.prompt;

/**
 * A conversation as the model reads it.
 *
 * @param text what was tokenised, a placeholder for each visual token
 * @param ids token ids, [S]
 * @param visual where the visual tokens stand among them, ascending
 */
public record Prompt(String text, long[] ids, int[] visual) {}
