package dev.squint.webapp.openai;

import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.FieldRules;
import dev.squint.webapp.http.JsonBody;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.model.AnswerService;
import dev.squint.webapp.model.ModelRegistry;
import java.util.function.BiFunction;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Answers chat requests, in the form of any API whose requests can be written as one. */
@Component
public final class ChatAnswers {

  private final JsonBody bodies;
  private final ChatReader reader;
  private final AnswerService answers;
  private final ModelRegistry models;

  ChatAnswers(JsonBody bodies, ChatReader reader, AnswerService answers, ModelRegistry models) {
    this.bodies = bodies;
    this.reader = reader;
    this.answers = answers;
    this.models = models;
  }

  /**
   * Reads the body of a request, answers its question and writes the answer.
   *
   * @param fields the fields that the body may have
   * @param type of the body
   * @param format how the answer is written, given the body and the id of the model
   */
  public <T extends ChatBody> Mono<ResponseEntity<?>> answer(
      ServerWebExchange exchange,
      FieldRules fields,
      Class<T> type,
      BiFunction<T, String, AnswerFormat> format) {
    return answers
        .receive(RequestContext.of(exchange), bodies.read(exchange, fields, type))
        .flatMap(body -> answer(exchange, body, format));
  }

  private <T extends ChatBody> Mono<ResponseEntity<?>> answer(
      ServerWebExchange exchange, T body, BiFunction<T, String, AnswerFormat> format) {
    ChatRequest chat = body.toChat();
    String model = models.id(chat.model());
    return format
        .apply(body, model)
        .response(
            answers.answer(exchange, model, served -> reader.read(chat, served)), body.streamed());
  }
}
