package dev.squint.samples.boot;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** {@code curl -F picture=@FILE -F "question=What is this?" localhost:8080/ask}. */
@RestController
class QuestionController {

  private final VisionLanguageModel model;
  private final PictureReader reader = new PictureReader();

  QuestionController(VisionLanguageModel model) {
    this.model = model;
  }

  @PostMapping("/ask")
  Reply ask(
      @RequestParam MultipartFile picture,
      @RequestParam String question,
      @RequestParam(defaultValue = "none") String plan)
      throws IOException {
    Answer answer =
        model.ask(
            List.of(reader.read(picture.getBytes(), "picture")),
            question,
            AskOptions.DEFAULT.withPlan(plan));
    return new Reply(answer.text(), answer.visualTokens(), answer.keptVisualTokens());
  }

  /** Reports an unreadable picture or a plan that does not fit the model. */
  @ExceptionHandler
  ProblemDetail refused(IllegalArgumentException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }

  record Reply(String text, int visualTokens, int keptVisualTokens) {}
}
