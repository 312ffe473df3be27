package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.webapp.http.ApiException;
import org.junit.jupiter.api.Test;

/** Whose fault it is that a question is not answered. */
class AnswerJobTest {

  @Test
  void aDeviceThatFails_isNotTheClientsFault() {
    ApiException error =
        AnswerJob.error(new DeviceUnavailableException("device 'cuda' is out of memory"), "r1");
    assertThat(error.getStatusCode().value()).isEqualTo(503);
    assertThat(error.code()).isEqualTo("device_unavailable");
    assertThat(error.message()).isEqualTo("device 'cuda' is out of memory");
  }

  @Test
  void aPlanThatCannotBe_isTheClients() {
    assertThat(
            AnswerJob.error(new IllegalArgumentException("no plan"), "r1").getStatusCode().value())
        .isEqualTo(400);
  }

  @Test
  void otherFailures_areTheServers_andKeptFromTheClient() {
    ApiException error = AnswerJob.error(new IllegalStateException("/secret"), "r1");
    assertThat(error.getStatusCode().value()).isEqualTo(500);
    assertThat(error.message()).contains("r1").doesNotContain("secret");
  }
}
