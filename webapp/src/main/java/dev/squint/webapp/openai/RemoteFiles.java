package dev.squint.webapp.openai;

import dev.squint.webapp.ServerSettings.Remote;
import dev.squint.webapp.http.ApiException;
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
 * Fetches pictures and clips over HTTPS from allowed hosts. All addresses of the host must be
 * public, and the connection goes to a checked address. Redirects are not followed. Size and time
 * are bounded.
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
   * A kind of file.
   *
   * @param name name for messages
   * @param bytes limit of the bytes
   * @param tooLarge code of the error beyond it
   * @param timeout longest time to fetch it
   */
  record Kind(String name, long bytes, String tooLarge, Duration timeout) {}

  /**
   * Fetches a file.
   *
   * @param param the field of the request that has the address
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
            error -> !(error instanceof ApiException),
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
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "remote_urls_disabled",
          param,
          "this server does not fetch files; send a data URL (data:image/png;base64,DATA), or start it with --squint.remote.hosts");
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

  private ApiException refused(String param) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "remote_url_refused",
        param,
        "this server fetches files from https:// addresses of %s only; send other files as data URLs"
            .formatted(settings.hosts()));
  }

  private static ApiException tooLarge(String param, Kind kind) {
    return ApiException.tooLarge(
        kind.tooLarge(),
        param,
        "the fetched %s has more than %d bytes; send a smaller one"
            .formatted(kind.name(), kind.bytes()));
  }

  private static ApiException failed(String param, Kind kind, String what) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "remote_url_failed",
        param,
        "the host of the %s %s".formatted(kind.name(), what));
  }
}
