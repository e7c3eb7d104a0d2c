package dev.quic.sim;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.simnet.Sim;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Locale;

/** {@code -Dsim.trace=true} prints every event of a run, to look into a seed that failed. */
final class Trace {
  private static final boolean ON = Boolean.getBoolean("sim.trace");

  private Trace() {}

  /** The sink itself, or one that prints first. */
  static EventSink of(String name, EventSink sink) {
    if (!ON) {
      return sink;
    }
    return (EventSink)
        Proxy.newProxyInstance(
            EventSink.class.getClassLoader(),
            new Class<?>[] {EventSink.class},
            (proxy, method, values) -> {
              if (values != null && values.length > 1) {
                Object rest = Arrays.asList(values).subList(2, values.length);
                double ms = ((long) values[0] - Sim.START) / 1e6;
                System.out.printf(Locale.ROOT, "%.3f %s %s %s%n", ms, name, method.getName(), rest);
              }
              try {
                return method.invoke(sink, values);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
