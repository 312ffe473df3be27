package dev.squint.eval.metric;

import dev.squint.eval.data.Question;

/**
 * An answer with its worth.
 *
 * @param question what was asked
 * @param group questions that count together; differs from the question's own when a picture was
 *     drawn twice for an interval
 * @param answer what the model said
 * @param score its worth
 */
public record Graded(Question question, String group, String answer, Score score) {}
