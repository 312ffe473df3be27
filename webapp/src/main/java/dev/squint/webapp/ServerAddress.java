package dev.squint.webapp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.core.env.Environment;

/** The address of the server as its settings give it. */
final class ServerAddress {

  private static final String[] TLS = {
    "server.ssl.bundle", "server.ssl.certificate", "server.ssl.key-store"
  };

  private ServerAddress() {}

  /** The address to open, with scheme, port and base path. */
  static String of(Environment environment) {
    String host = environment.getRequiredProperty("server.address");
    return "%s://%s:%s%s"
        .formatted(
            isTls(environment) ? "https" : "http",
            host.contains(":") ? "[" + host + "]" : host,
            environment.getRequiredProperty("local.server.port"),
            environment.getProperty("spring.webflux.base-path", ""));
  }

  private static boolean isTls(Environment environment) {
    if (!environment.getProperty("server.ssl.enabled", Boolean.class, true)) {
      return false;
    }
    for (String setting : TLS) {
      if (environment.containsProperty(setting)) {
        return true;
      }
    }
    return false;
  }

  /** Whether only programs on this machine reach the server. */
  static boolean isLoopback(Environment environment) {
    String host = environment.getProperty("server.address", "0.0.0.0");
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
