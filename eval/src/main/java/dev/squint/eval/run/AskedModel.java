package dev.squint.eval.run;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import java.util.List;

/**
 * A model that is asked about the pictures of questions.
 *
 * @param clips whether several pictures are the frames of a clip, one a second
 */
public record AskedModel(VisionLanguageModel model, boolean clips) implements Run.Asker {

  @Override
  public Answer ask(List<Picture> pictures, String question, AskOptions options) {
    return clips(pictures)
        ? model.ask(Clip.of(pictures, 1), question, options)
        : model.ask(pictures, question, options);
  }

  /** Draws where the model looked, a map for each picture or frame that it was shown. */
  public List<Picture> map(List<Picture> pictures, Answer answer) {
    return clips(pictures) ? model.map(Clip.of(pictures, 1), answer) : model.map(pictures, answer);
  }

  private boolean clips(List<Picture> pictures) {
    return clips && pictures.size() > 1;
  }
}
