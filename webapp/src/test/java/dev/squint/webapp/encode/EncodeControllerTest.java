package dev.squint.webapp.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.webapp.http.ApiException;
import org.junit.jupiter.api.Test;

/** The errors that an encode replica answers with. */
class EncodeControllerTest {

  @Test
  void aDeviceThatFails_isNoFaultOfTheRequest_soAnotherReplicaIsAsked() {
    assertThat(EncodeController.error(new DeviceUnavailableException("device 'cuda' is full")))
        .asInstanceOf(type(ApiException.class))
        .satisfies(error -> assertThat(error.getStatusCode().value()).isEqualTo(503))
        .satisfies(error -> assertThat(error.message()).isEqualTo("device 'cuda' is full"));
    assertThat(EncodeController.error(new IllegalArgumentException("no tiles")))
        .asInstanceOf(type(ApiException.class))
        .satisfies(error -> assertThat(error.getStatusCode().value()).isEqualTo(400));
  }
}
