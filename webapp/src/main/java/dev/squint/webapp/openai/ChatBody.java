package dev.squint.webapp.openai;

import dev.squint.webapp.http.ApiException;

/** The body of a request that can be written as a chat request. */
public interface ChatBody {

  /**
   * The same as a chat request.
   *
   * @throws ApiException if a part of the body has no counterpart in a chat request
   */
  ChatRequest toChat();

  /** Whether the answer is sent piece by piece. */
  boolean streamed();
}
