package dev.squint.webapp.openai;

import dev.squint.webapp.ServerSettings.Remote;
import dev.squint.webapp.http.Refusal;
import io.netty.resolver.AddressResolverGroup;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Fetches pictures and clips over HTTPS from hosts that are allowed by name. The address that a
 * name resolves to must be public, and is the one that is connected to; redirects are not followed;
 * size and time are bounded.
 */
final class RemoteFiles {

  private static final int HTTPS = 443;

  private final Set<String> hosts;
  private final Remote settings;
  private final HttpClient client;
  private final int port;

  RemoteFiles(
      Remote settings,
      HttpClient client,
      AddressResolverGroup<InetSocketAddress> resolver,
      int port) {
    this.settings = settings;
    this.hosts = Set.copyOf(settings.hosts());
    this.client = client.resolver(resolver).followRedirect(false).compress(false).keepAlive(false);
    this.port = port;
  }

  static RemoteFiles of(Remote settings) {
    return new RemoteFiles(
        settings, HttpClient.newConnection(), new PublicAddresses(PublicAddresses.SYSTEM), HTTPS);
  }

  /**
   * What may be fetched.
   *
   * @param name for people
   * @param bytes the most
   * @param tooLarge the code of the refusal of more
   * @param timeout from the request to the last byte
   */
  record Kind(String name, long bytes, String tooLarge, Duration timeout) {}

  /**
   * The file at an address.
   *
   * @param param what in the request holds the address
   */
  Mono<byte[]> read(String url, String param, Kind kind) {
    return Mono.defer(() -> fetch(checked(url, param), param, kind));
  }

  private Mono<byte[]> fetch(URI address, String param, Kind kind) {
    return client
        .responseTimeout(kind.timeout())
        .get()
        .uri(address)
        .response(
            (response, content) -> {
              if (response.status().code() != 200) {
                return Mono.error(
                    failed(param, kind, "answered with status " + response.status().code()));
              }
              return content
                  .asByteArray()
                  .collect(
                      ByteArrayOutputStream::new,
                      (file, chunk) -> {
                        if (file.size() + chunk.length > kind.bytes()) {
                          throw tooLarge(param, kind);
                        }
                        file.writeBytes(chunk);
                      });
            })
        .single()
        .map(ByteArrayOutputStream::toByteArray)
        .timeout(kind.timeout())
        .onErrorMap(
            error -> !(error instanceof Refusal),
            error ->
                failed(
                    param,
                    kind,
                    error instanceof TimeoutException
                        ? "did not answer in time"
                        : "could not be reached"));
  }

  private URI checked(String url, String param) {
    if (hosts.isEmpty()) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST,
          "remote_urls_disabled",
          param,
          "this server fetches no files; send them as data URLs: data:image/png;base64,DATA");
    }
    URI address;
    try {
      address = new URI(url);
    } catch (URISyntaxException e) {
      throw refused(param);
    }
    boolean allowed =
        "https".equalsIgnoreCase(address.getScheme())
            && address.getHost() != null
            && address.getRawUserInfo() == null
            && (address.getPort() == -1 || address.getPort() == port)
            && hosts.contains(address.getHost().toLowerCase(Locale.ROOT));
    if (!allowed) {
      throw refused(param);
    }
    return address;
  }

  private Refusal refused(String param) {
    return new Refusal(
        HttpStatus.BAD_REQUEST,
        "remote_url_refused",
        param,
        "files are fetched from https:// addresses of %s only; send others as data URLs"
            .formatted(settings.hosts()));
  }

  private static Refusal tooLarge(String param, Kind kind) {
    return Refusal.tooLarge(
        kind.tooLarge(),
        param,
        "a fetched %s may have %d bytes".formatted(kind.name(), kind.bytes()));
  }

  private static Refusal failed(String param, Kind kind, String what) {
    return new Refusal(
        HttpStatus.BAD_REQUEST,
        "remote_url_failed",
        param,
        "the host of the %s %s".formatted(kind.name(), what));
  }
}
