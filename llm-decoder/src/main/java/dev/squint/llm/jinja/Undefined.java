package dev.squint.llm.jinja;

/**
 * What a name or attribute without a value gives: empty when printed or iterated, false, and an
 * error in every other use.
 *
 * @param message what is said when it is used
 */
record Undefined(String message) {

  static Undefined name(String name) {
    return new Undefined("'%s' is undefined".formatted(name));
  }

  static Undefined member(Object of, Object name) {
    String type = of == None.NONE ? "None" : Values.typeName(of) + " object";
    return new Undefined(
        name instanceof String
            ? "'%s' has no attribute '%s'".formatted(type, name)
            : "%s has no element %s".formatted(type, name instanceof Long ? name : "of that kind"));
  }

  IllegalArgumentException used() {
    return new IllegalArgumentException(message);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 1;
  }
}
