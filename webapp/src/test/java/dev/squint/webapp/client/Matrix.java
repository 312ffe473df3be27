package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.ResultTable;
import dev.squint.webapp.RunningServer;

/** Which client did what, for the table of clients. */
final class Matrix {

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

  private Matrix() {}

  static void works(String client, String work, String seen) {
    TABLE.row(client, work, seen);
  }

  /** Makes sure that the server gives up an answer whose client has gone. */
  static String assertGivenUp(RunningServer server) throws InterruptedException {
    long start = System.nanoTime();
    server.awaitIdle();
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(millis).isLessThan(5_000);
    return "the server stopped answering";
  }
}
