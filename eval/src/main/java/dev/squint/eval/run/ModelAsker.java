package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import java.util.ArrayList;
import java.util.List;

/**
 * A model as a run's {@link Run.Asker}.
 *
 * @param model the model
 * @param clips whether several pictures are the frames of a clip, one per second
 */
public record ModelAsker(VisionLanguageModel model, boolean clips) implements Run.Asker {

  @Override
  public Answer ask(
      List<Picture> pictures, List<Question.Turn> history, String question, AskOptions options) {
    List<Message> conversation = new ArrayList<>();
    for (Question.Turn turn : history) {
      conversation.add(user(conversation.isEmpty() ? pictures : List.of(), turn.question()));
      conversation.add(Message.assistant(turn.answer()));
    }
    conversation.add(user(conversation.isEmpty() ? pictures : List.of(), question));
    return model.ask(conversation, options);
  }

  private Message user(List<Picture> pictures, String text) {
    return clips(pictures)
        ? Message.user(Clip.of(pictures, 1), text)
        : Message.user(pictures, text);
  }

  /** Draws the kept tokens, one map for each picture or frame. */
  public List<Picture> map(List<Picture> pictures, Answer answer) {
    return clips(pictures) ? model.map(Clip.of(pictures, 1), answer) : model.map(pictures, answer);
  }

  private boolean clips(List<Picture> pictures) {
    return clips && pictures.size() > 1;
  }
}
