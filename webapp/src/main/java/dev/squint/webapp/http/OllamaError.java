package dev.squint.webapp.http;

/**
 * An error in Ollama's form.
 *
 * @param error the message
 */
public record OllamaError(String error) {

  /** Converts an error. */
  public static OllamaError of(ApiError error) {
    String param = error.param();
    return new OllamaError(param == null ? error.message() : param + ": " + error.message());
  }
}
