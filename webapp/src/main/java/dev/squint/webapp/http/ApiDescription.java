package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the OpenAPI document says of the whole server: its title, and how a key is sent. */
@Configuration(proxyBeanMethods = false)
class ApiDescription {

  private static final String BEARER = "bearer";
  private static final String HEADER = "header";
  private static final String HEALTH = "/health";

  @Bean
  OpenAPI description(ServerSettings settings) {
    OpenAPI document =
        new OpenAPI()
            .info(
                new Info()
                    .title("Squint")
                    .version("1")
                    .description(
                        "Answers questions about pictures and clips with the visual tokens that matter."))
            .components(
                new Components()
                    .addSecuritySchemes(
                        BEARER,
                        new SecurityScheme()
                            .type(SecurityScheme.Type.HTTP)
                            .scheme("bearer")
                            .description("Authorization: Bearer KEY"))
                    .addSecuritySchemes(
                        HEADER,
                        new SecurityScheme()
                            .type(SecurityScheme.Type.APIKEY)
                            .in(SecurityScheme.In.HEADER)
                            .name("X-Api-Key")));
    if (!settings.allKeys().isEmpty()) {
      // Either of them is enough.
      document
          .addSecurityItem(new SecurityRequirement().addList(BEARER))
          .addSecurityItem(new SecurityRequirement().addList(HEADER));
    }
    return document;
  }

  /** Health needs no key; everything else answers 401 without one. */
  @Bean
  OpenApiCustomizer keys(ServerSettings settings) {
    boolean keyed = !settings.allKeys().isEmpty();
    return document ->
        document
            .getPaths()
            .forEach(
                (path, item) -> {
                  if (path.equals(HEALTH)) {
                    item.readOperations().forEach(health -> health.setSecurity(List.of()));
                  } else if (keyed) {
                    refuseWithoutKey(item);
                  }
                });
  }

  private static void refuseWithoutKey(PathItem item) {
    for (Operation operation : item.readOperations()) {
      operation
          .getResponses()
          .addApiResponse("401", new ApiResponse().description("the key is missing or wrong"));
    }
  }
}
