package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.ResultTable;
import dev.squint.webapp.RunningServer;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Which client did what, for the table of clients. */
final class ClientTable {

  private static final ResultTable TABLE =
      ResultTable.of(
          "clients",
          """
          # Clients

          What each client did over HTTP with a running server. Written by

          `mvn -B -pl webapp -am test -Dtest='dev/squint/webapp/client/*Test' -Dsurefire.failIfNoSpecifiedTests=false -Dresults.dir=results`
          """,
          "client",
          "work",
          "what was seen");

  private static final String ENDLESS =
      "{\"stream\":true,\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";

  private ClientTable() {}

  static void works(String client, String work, String seen) {
    TABLE.row(client, work, seen);
  }

  /** Something that a client does. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** Does something while the server gives an endless answer and has no place for another. */
  static void whileBusy(RunningServer endless, Work work) throws Exception {
    endless.awaitIdle();
    HttpRequest request =
        endless
            .request("/v1/chat/completions", "Content-Type", "application/json")
            .POST(BodyPublishers.ofString(ENDLESS))
            .build();
    try (InputStream answer = endless.client().send(request, BodyHandlers.ofInputStream()).body()) {
      assertThat(answer.read()).isPositive();
      work.run();
    }
    assertGivenUp(endless);
  }

  /** Makes sure that the server gives up an answer whose client has gone, before its deadline. */
  static String assertGivenUp(RunningServer endless) throws InterruptedException {
    endless.awaitIdle();
    return "the server stopped answering";
  }
}
