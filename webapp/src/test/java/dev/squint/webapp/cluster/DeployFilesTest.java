package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import org.yaml.snakeyaml.Yaml;

/** The recipes of webapp/deploy: nginx reads its own, the others are checked by their structure. */
class DeployFilesTest {

  private static final Path FOLDER = Path.of("deploy");

  private static List<Map<String, Object>> documents(String file) throws IOException {
    List<Map<String, Object>> documents = new ArrayList<>();
    new Yaml()
        .loadAll(Files.readString(FOLDER.resolve(file)))
        .forEach(
            document -> {
              @SuppressWarnings("unchecked") // Each document is a map; a cast fails otherwise.
              Map<String, Object> map = (Map<String, Object>) document;
              documents.add(map);
            });
    return documents;
  }

  /** The value at a path such as {@code spec.template.0.name}. */
  private static Object at(Object document, String path) {
    Object value = document;
    for (String step : path.split("\\.", -1)) {
      value =
          value instanceof List<?> list
              ? list.get(Integer.parseInt(step))
              : ((Map<?, ?>) value).get(step);
      assertThat(value).as("%s of %s", step, path).isNotNull();
    }
    return value;
  }

  private static Map<String, Object> kind(String kind, String name) throws IOException {
    return documents("kubernetes.yaml").stream()
        .filter(each -> each.get("kind").equals(kind) && at(each, "metadata.name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void eachMap(Object value, Consumer<Map<?, ?>> visitor) {
    if (value instanceof Map<?, ?> map) {
      visitor.accept(map);
      map.values().forEach(each -> eachMap(each, visitor));
    } else if (value instanceof List<?> list) {
      list.forEach(each -> eachMap(each, visitor));
    }
  }

  @Test
  void nginxAcceptsItsRecipe() throws Exception {
    Process process =
        new ProcessBuilder(
                Tool.NGINX.find().toString(),
                "-t",
                "-c",
                Nginx.RECIPE.toAbsolutePath().toString(),
                "-g",
                "error_log /dev/null; pid /dev/null;")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void deployment_selectsItsPods_andProbesRoutesWithoutKey() throws IOException {
    Map<String, Object> deployment = kind("Deployment", "squint");
    assertThat(at(deployment, "apiVersion")).isEqualTo("apps/v1");
    Object labels = at(deployment, "spec.template.metadata.labels");
    assertThat(at(deployment, "spec.selector.matchLabels")).isEqualTo(labels);
    assertThat(at(kind("Service", "squint"), "spec.selector")).isEqualTo(labels);
    assertThat(at(kind("PodDisruptionBudget", "squint"), "spec.selector.matchLabels"))
        .isEqualTo(labels);
    Object container = at(deployment, "spec.template.spec.containers.0");
    for (String probe : List.of("startupProbe", "readinessProbe")) {
      assertThat(at(container, probe + ".httpGet.path")).isEqualTo("/health");
      assertThat(at(container, probe + ".httpGet.port")).isEqualTo("http");
    }
    assertThat(at(container, "livenessProbe.httpGet.path")).isEqualTo("/actuator/health/liveness");
    assertThat(at(container, "ports.0.name")).isEqualTo("http");
    assertThat(at(container, "resources.requests")).isEqualTo(at(container, "resources.limits"));
  }

  /** Kubernetes sets SQUINT_SERVICE_HOST for a service squint, and SettingsCheck refuses it. */
  @Test
  void servicesSetNoVariablesOfThePods() throws IOException {
    assertThat(at(kind("Deployment", "squint"), "spec.template.spec.enableServiceLinks"))
        .isEqualTo(false);
  }

  @Test
  void volumesThatAreMounted_areThere() throws IOException {
    Object pod = at(kind("Deployment", "squint"), "spec.template.spec");
    List<Object> volumes =
        ((List<?>) at(pod, "volumes")).stream().map(volume -> at(volume, "name")).toList();
    for (Object mount : (List<?>) at(pod, "containers.0.volumeMounts")) {
      assertThat(volumes).contains(at(mount, "name"));
    }
  }

  @Test
  void scaler_scalesTheDeploymentByWaitingQuestions() throws IOException {
    Map<String, Object> scaler = kind("HorizontalPodAutoscaler", "squint");
    assertThat(at(scaler, "apiVersion")).isEqualTo("autoscaling/v2");
    assertThat(at(scaler, "spec.scaleTargetRef.name")).isEqualTo("squint");
    assertThat(at(scaler, "spec.metrics.0.pods.metric.name")).isEqualTo("squint_questions_waiting");
    // Otherwise each kubectl apply would undo what the scaler did.
    Map<?, ?> deployment = (Map<?, ?>) at(kind("Deployment", "squint"), "spec");
    assertThat(deployment.containsKey("replicas")).isFalse();
    assertThat((Integer) at(scaler, "spec.minReplicas"))
        .isLessThan((Integer) at(scaler, "spec.maxReplicas"));
  }

  @Test
  void everySecretAndService_hasOneName() throws IOException {
    eachMap(
        documents("kubernetes.yaml"),
        map -> {
          if (map.get("secretKeyRef") instanceof Map<?, ?> secret) {
            assertThat(secret.get("name")).isEqualTo("squint");
            assertThat(secret.get("key")).isIn("api-key", "store-password");
          }
        });
    assertThat(at(kind("Ingress", "squint"), "spec.rules.0.http.paths.0.backend.service.name"))
        .isEqualTo(at(kind("Service", "squint"), "metadata.name"));
    assertThat(Files.readString(FOLDER.resolve("kubernetes.yaml")))
        .contains("@" + at(kind("Service", "squint-features"), "metadata.name") + ":6379");
  }

  @Test
  void envoy_hashesTheHeaderOntoARing() throws IOException {
    Map<String, Object> envoy = documents("envoy.yaml").get(0);
    Integer kept =
        (Integer) at(envoy, "static_resources.listeners.0.per_connection_buffer_limit_bytes");
    assertThat(kept.longValue()).isEqualTo(DataSize.ofMegabytes(24).toBytes());
    Object route =
        at(
            envoy,
            "static_resources.listeners.0.filter_chains.0.filters.0.typed_config.route_config.virtual_hosts.0.routes.0.route");
    assertThat(at(route, "hash_policy.0.header.header_name")).isEqualTo("x-squint-picture");
    Object cluster = at(envoy, "static_resources.clusters.0");
    assertThat(at(cluster, "name")).isEqualTo(at(route, "cluster"));
    assertThat(at(cluster, "lb_policy")).isEqualTo("RING_HASH");
  }
}
