package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Every Kubernetes manifest of this repository has only fields of Kubernetes' own schema, and those
 * that it requires. The classes of Kubernetes' Java client are generated from that schema.
 */
class KubernetesSchemaTest {

  private static final Pattern YAML = Pattern.compile("(?s)```yaml\n(.*?)```");

  /** Checks all documents of a text and returns their kinds. */
  private static List<String> kinds(String text) {
    List<String> kinds = new ArrayList<>();
    for (Object document : new Yaml().loadAll(text)) {
      JsonElement json = new Gson().toJsonTree(document);
      String kind = json.getAsJsonObject().get("kind").getAsString();
      check(json, json.getAsJsonObject().get("apiVersion").getAsString(), kind);
      kinds.add(kind);
    }
    return kinds;
  }

  private static void check(JsonElement json, String apiVersion, String kind) {
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    String name = version.substring(0, 1).toUpperCase(Locale.ROOT) + version.substring(1) + kind;
    try {
      Class.forName("io.kubernetes.client.openapi.models." + name)
          .getMethod("validateJsonElement", JsonElement.class)
          .invoke(null, json);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(kind + ": " + e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("no schema of %s %s".formatted(apiVersion, kind), e);
    }
  }

  @Test
  void replicas_haveTheFieldsOfTheSchema() throws IOException {
    assertThat(kinds(Files.readString(Path.of("deploy/kubernetes.yaml"))))
        .contains(
            "Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress");
  }

  @Test
  void theRecipeForShards_hasTheFieldsOfTheSchema() throws IOException {
    List<String> kinds = new ArrayList<>();
    Matcher block = YAML.matcher(Files.readString(Path.of("../docs/cluster.md")));
    while (block.find()) {
      kinds.addAll(kinds(block.group(1)));
    }
    assertThat(kinds).containsExactly("Job");
  }

  @Test
  void misspeltMissingAndWrongFields_areFound() throws IOException {
    String manifests = Files.readString(Path.of("deploy/kubernetes.yaml"));
    assertThatThrownBy(() -> kinds(manifests.replace("readinessProbe:", "readynessProbe:")))
        .hasMessageContaining("readynessProbe");
    assertThatThrownBy(() -> kinds(manifests.replace("  maxReplicas: 8\n", "")))
        .hasMessageContaining("maxReplicas");
    assertThatThrownBy(
            () -> kinds(manifests.replace("volumeMounts:\n", "volumeMounts: none\n          x:\n")))
        .hasMessageContaining("volumeMounts");
    assertThatThrownBy(() -> kinds(manifests.replace("policy/v1", "policy/v1beta1")))
        .hasMessageContaining("no schema of policy/v1beta1 PodDisruptionBudget");
  }
}
