package dev.squint.eval.report;

/**
 * An answer worth looking at: a plan's win or loss against the unpruned model, with a map of the
 * kept tokens.
 *
 * @param set name of the data set
 * @param plan as it prints itself
 * @param id of the question
 * @param question what was asked
 * @param expected a right answer
 * @param unpruned what the unpruned model said
 * @param answer what it said under the plan
 * @param won whether the plan was right and the unpruned model wrong, or else the reverse
 * @param map file name of the map among those of the run
 */
public record Example(
    String set,
    String plan,
    String id,
    String question,
    String expected,
    String unpruned,
    String answer,
    boolean won,
    String map) {}
