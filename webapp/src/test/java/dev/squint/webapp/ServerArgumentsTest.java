package dev.squint.webapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class ServerArgumentsTest {

  @Test
  void aValueAfterABlank_isJoined() {
    assertThat(
            ServerArguments.joined(
                List.of(
                    "--port", "8081", "--model=a", "--model", "b c", "--debug", "--variant", "q8")))
        .containsExactly("--port=8081", "--model=a", "--model=b c", "--debug", "--variant=q8");
    assertThat(ServerArguments.joined(List.of("--debug"))).containsExactly("--debug");
  }

  @Test
  void otherWordsAreRefused() {
    assertThatThrownBy(() -> ServerArguments.joined(List.of("--port=1", "folder")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'folder' is not a setting; write settings as --name=value, for example --port=8081");
    assertThatThrownBy(() -> ServerArguments.joined(List.of("-p", "8081")))
        .hasMessageStartingWith("'-p' is not a setting");
  }

  @Test
  void helpHasTwoForms() {
    assertThat(ServerArguments.wantHelp(List.of("--port=1", "-h"))).isTrue();
    assertThat(ServerArguments.wantHelp(List.of("--help"))).isTrue();
    assertThat(ServerArguments.wantHelp(List.of("--port=1"))).isFalse();
  }

  @Test
  void aPortInUse_isNamedBeforeTheModelIsLoaded() throws IOException {
    StandardEnvironment environment = new StandardEnvironment();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      environment
          .getPropertySources()
          .addFirst(
              new MapPropertySource(
                  "test", Map.of("server.address", "127.0.0.1", "server.port", port)));
      assertThatThrownBy(() -> PortCheck.check(environment))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("port %d of 127.0.0.1 cannot be opened: ".formatted(port))
          .hasMessageEndingWith("choose another, for example --port=" + (port + 1));
    }
    PortCheck.check(environment);
  }
}
