package dev.squint.webapp.model;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The health of the server in one word, without a key. */
@RestController
final class HealthController {

  private final ModelRegistry models;

  HealthController(ModelRegistry models) {
    this.models = models;
  }

  /** {@code ok}, or 503 with {@code loading} or {@code failed}. */
  record HealthStatus(String status) {}

  /** Whether the default model is loaded. */
  @Operation(summary = "Report whether the server can answer")
  @ApiResponse(
      responseCode = "200",
      useReturnTypeSchema = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              examples = @ExampleObject("{\"status\":\"ok\"}")))
  @GetMapping(value = "/health", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<HealthStatus> health() {
    if (models.isReady()) {
      return ResponseEntity.ok(new HealthStatus("ok"));
    }
    String status = models.failure() == null ? "loading" : "failed";
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body(new HealthStatus(status));
  }
}
