package dev.squint.eval.calibrate;

import dev.squint.eval.data.Question;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.List;

/**
 * Asks questions for their prompts alone, to record what the decoder computes.
 *
 * @param model the model
 * @param data the questions
 * @param progress counts the prompts
 */
record SamplePrompts(VisionLanguageModel model, TaskData data, Progress progress) {

  /** All questions. */
  List<Question> questions() {
    return data.set().questions();
  }

  /** Runs the prompts of some questions; returns their mean number of visual tokens. */
  double ask(List<Question> questions, PruningPlan plan) {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);
    double tokens = 0;
    for (Question question : questions) {
      List<Picture> pictures =
          question.pictures().stream().map(data.set().pictures()::read).toList();
      Answer answer =
          new ModelAsker(model, false)
              .ask(pictures, question.history(), data.prompt(question), options);
      tokens += (double) answer.visualTokens() / questions.size();
      progress.step();
    }
    return tokens;
  }
}
