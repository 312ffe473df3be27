package dev.squint.llm.jinja;

import java.util.Iterator;
import java.util.List;

/** What a value is assigned to. */
interface Target {

  void assign(TemplateScope scope, Object value);

  /** Reports which names it writes and reads. */
  void declare(NameUse use);

  /** {@code namespace.attribute}. */
  record Member(String namespace, String attribute) implements Target {
    @Override
    public void assign(TemplateScope scope, Object value) {
      if (!(scope.get(namespace) instanceof Namespace holder)) {
        throw Failure.of("cannot assign attribute on non-namespace object");
      }
      holder.set(attribute, value);
    }

    @Override
    public void declare(NameUse use) {
      use.reads(namespace);
    }
  }

  /** {@code a, b}: a value for each. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(TemplateScope scope, Object value) {
      Iterator<Object> items = Values.iterate(value);
      Object[] values = new Object[targets.size()];
      for (int i = 0; i < values.length; i++) {
        if (!items.hasNext()) {
          throw Failure.of("not enough values to unpack (expected %d, got %d)", values.length, i);
        }
        values[i] = items.next();
      }
      if (items.hasNext()) {
        throw Failure.of("too many values to unpack (expected %d)", values.length);
      }
      for (int i = 0; i < values.length; i++) {
        targets.get(i).assign(scope, values[i]);
      }
    }

    @Override
    public void declare(NameUse use) {
      targets.forEach(target -> target.declare(use));
    }
  }
}
