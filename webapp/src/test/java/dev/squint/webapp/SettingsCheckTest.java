package dev.squint.webapp;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SettingsCheckTest {

  private static StandardEnvironment environment(String... arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().remove("systemEnvironment");
    environment
        .getPropertySources()
        .addLast(new MapPropertySource("defaults", Map.of("server.address", "127.0.0.1")));
    environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(arguments));
    return environment;
  }

  private static void check(StandardEnvironment environment) {
    ServerSettings settings = Binder.get(environment).bindOrCreate("squint", ServerSettings.class);
    new SettingsCheck(environment, settings);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--squint.api-key=secret",
        "--squint.apiKey=secret",
        "--squint.keys.anna=secret",
        "--squint.plans[0]=encoder:divprune(keep=0.5)",
        "--squint.limits.clips.file-frames=100",
        "--squint.limits.clips.fileFrames=100",
        "--squint.work.encoder-cache=1MB",
        "--squint.features.store=redis://localhost",
        "--squint.features.value-bytes=1MB",
        "--port=1",
        "--model=a",
        "--server.port=1",
        "--logging.level.root=info"
      })
  void knownSetting_isAccepted(String argument) {
    assertThatCode(() -> check(environment(argument))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "--squint.api-kye=secret, squint.api-key",
    "--squint.apikeys=secret, squint.api-key",
    "--api-key=secret, api-key",
    "--squint.work.answer=3, squint.work.answers",
    "--squint.limits.pixel=3, squint.limits.pixels",
    "--adress=0.0.0.0, address",
    "--modle=a, model"
  })
  void misspeltSetting_isRefusedWithASuggestion(String argument, String suggestion) {
    assertThatThrownBy(() -> check(environment(argument)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no setting")
        .hasMessageContaining("did you mean " + suggestion);
  }

  @Test
  void environmentVariable_thatSpringDoesNotRead_isRefused() {
    StandardEnvironment environment = environment();
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource("variables", Map.of("SQUINT_API_KEY", "secret")));
    assertThatThrownBy(() -> check(environment))
        .hasMessageContaining("SQUINT_API_KEY; did you mean SQUINT_APIKEY?");
    environment.getPropertySources().remove("variables");
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                "variables", Map.of("SQUINT_APIKEY", "secret", "SQUINT_HOME", "/opt")));
    assertThatCode(() -> check(environment)).doesNotThrowAnyException();
  }

  @Test
  void openServer_onAnAddressThatOthersReach_needsToBeMeant() {
    assertThatThrownBy(() -> check(environment("--server.address=0.0.0.0")))
        .hasMessageContaining("--squint.open=true")
        .hasMessageContaining("0.0.0.0");
    assertThatCode(() -> check(environment("--server.address=0.0.0.0", "--squint.open=true")))
        .doesNotThrowAnyException();
    assertThatCode(() -> check(environment("--server.address=0.0.0.0", "--squint.api-key=k")))
        .doesNotThrowAnyException();
    assertThatCode(() -> check(environment("--server.address=::1"))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "--squint.role=answer, squint.encode.replicas lists",
    "--squint.encode.replicas=http://127.0.0.1:1, squint.encode.replicas lists",
    "--squint.role=encoder, squint.role"
  })
  void roleThatIsUnknownOrLacksItsReplicas_isRefused(String argument, String reason) {
    assertThatThrownBy(() -> check(environment(argument))).hasStackTraceContaining(reason);
  }
}
