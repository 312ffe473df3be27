package dev.squint.eval.report;

/**
 * An answer that a plan made right or wrong, with a map of the kept tokens.
 *
 * @param set name of the data set
 * @param plan the plan's text
 * @param id id of the question
 * @param question text of the question
 * @param expected a right answer
 * @param unpruned answer without pruning
 * @param answer answer with the plan
 * @param won true if only the answer with the plan is right, false if only the unpruned one is
 * @param map name of the map file, in the run's folder of maps
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
