package dev.squint.webapp.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.webapp.ServerSettings.Remote;
import dev.squint.webapp.http.ApiException;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** Fetching, against a host that is real but for its certificate. */
class RemoteFilesTest {

  private static final char[] PASSWORD = "squint".toCharArray();
  private static final RemoteFiles.Kind PICTURE =
      new RemoteFiles.Kind("picture", 10_000, "picture_too_large", Duration.ofSeconds(6));
  private static final AtomicInteger REQUESTS = new AtomicInteger();

  private static DisposableServer host;

  @BeforeAll
  static void start() throws Exception {
    Path store = Path.of("target", "remote-pictures.p12");
    Files.deleteIfExists(store);
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "host",
                "-keyalg",
                "RSA",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost")
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = new FileInputStream(store.toFile())) {
      keys.load(file, PASSWORD);
    }
    KeyManagerFactory manager =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    manager.init(keys, PASSWORD);
    host =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .secure(ssl -> ssl.sslContext(build(SslContextBuilder.forServer(manager))))
            .handle(
                (request, response) -> {
                  REQUESTS.incrementAndGet();
                  return switch (request.uri()) {
                    case "/picture.png" -> response.sendByteArray(Mono.just(new byte[] {1, 2, 3}));
                    case "/large" ->
                        response.sendByteArray(Flux.range(0, 100).map(i -> new byte[1_000]));
                    case "/slow" ->
                        response.sendByteArray(
                            Flux.interval(Duration.ofMillis(100)).map(i -> new byte[1]));
                    case "/inside" ->
                        response.sendRedirect("https://169.254.169.254/latest/meta-data/");
                    case "/again" -> response.sendRedirect("/picture.png");
                    default -> response.sendNotFound();
                  };
                })
            .bindNow();
  }

  private static io.netty.handler.ssl.SslContext build(SslContextBuilder builder) {
    try {
      return builder.build();
    } catch (javax.net.ssl.SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterAll
  static void stop() {
    host.disposeNow();
  }

  private static Remote settings() {
    return new Remote(
        List.of("localhost"),
        DataSize.ofBytes(10_000),
        Duration.ofSeconds(6),
        Duration.ofSeconds(6));
  }

  private static HttpClient trusting() {
    return HttpClient.newConnection()
        .secure(
            ssl ->
                ssl.sslContext(
                    build(
                        SslContextBuilder.forClient()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE))));
  }

  private static byte[] fetch(String path) {
    return Objects.requireNonNull(
        new RemoteFiles(settings(), trusting(), DefaultAddressResolverGroup.INSTANCE, host.port())
            .read("https://localhost:" + host.port() + path, "messages[0]", PICTURE)
            .block());
  }

  @Test
  void picture_isFetched() {
    assertThat(fetch("/picture.png")).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/inside", "/again", "/nothing"})
  void redirectsAndErrors_areNotFollowed(String path) {
    int before = REQUESTS.get();
    assertThatThrownBy(() -> fetch(path))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("answered with status");
    assertThat(REQUESTS.get()).isEqualTo(before + 1);
  }

  @Test
  void largePicture_isBrokenOff() {
    assertThatThrownBy(() -> fetch("/large"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("the fetched picture has more than 10000 bytes");
  }

  @Test
  void clip_hasLimitsOfItsOwn() {
    RemoteFiles files =
        new RemoteFiles(settings(), trusting(), DefaultAddressResolverGroup.INSTANCE, host.port());
    String url = "https://localhost:" + host.port() + "/large";
    RemoteFiles.Kind clip =
        new RemoteFiles.Kind("clip", 100_000, "clip_too_large", Duration.ofSeconds(6));
    assertThat(files.read(url, "messages[0]", clip).block()).hasSize(100_000);
    RemoteFiles.Kind small =
        new RemoteFiles.Kind("clip", 50_000, "clip_too_large", Duration.ofSeconds(6));
    assertThatThrownBy(() -> files.read(url, "messages[0]", small).block())
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.code()).isEqualTo("clip_too_large"))
        .hasMessageContaining("the fetched clip has more than 50000 bytes");
  }

  /** What is given up is a picture that never ends: without it the test would not end either. */
  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void slowPicture_isGivenUp() {
    assertThatThrownBy(() -> fetch("/slow"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("did not answer in time");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.51.100.7",
        "203.0.113.200",
        "192.31.196.1",
        "2001:db8::1",
        "2001:2::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b::808:808",
        "100::1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::"
      })
  void addressesOfThisNetwork_areNotConnectedTo(String address) throws Exception {
    InetAddress inside = InetAddress.getByName(address);
    assertThat(PublicAddresses.isPublic(inside)).isFalse();
    int before = REQUESTS.get();
    AtomicInteger lookUps = new AtomicInteger();
    // The second address is what a name that is rebound would give to somebody who asks again.
    assertThatThrownBy(
            () ->
                resolving(
                    name -> {
                      lookUps.incrementAndGet();
                      return List.of(InetAddress.getByName("93.184.215.14"), inside);
                    }))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("could not be reached");
    assertThat(lookUps).hasValue(1);
    assertThat(REQUESTS).hasValue(before);
  }

  @Test
  void nameWithoutAnAddress_isRefused() {
    assertThatThrownBy(() -> resolving(name -> List.of())).isInstanceOf(ApiException.class);
    assertThatThrownBy(
            () ->
                resolving(
                    name -> {
                      throw new UnknownHostException(name);
                    }))
        .isInstanceOf(ApiException.class);
  }

  private static void resolving(PublicAddresses.NameService names) {
    new RemoteFiles(settings(), trusting(), new PublicAddresses(names), host.port())
        .read("https://localhost:" + host.port() + "/picture.png", "messages[0]", PICTURE)
        .block();
  }

  @Test
  void publicAddresses_arePublic() throws Exception {
    for (String address : List.of("93.184.215.14", "8.8.8.8", "2606:4700::1111")) {
      assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isTrue();
    }
  }
}
