package dev.quic.samples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys for trying things out. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a test authority, a server's and a client's certificate, and a pre-shared key.",
      "ca.pem, server.pem, server.key, client.pem, client.key, psk.txt; certificates are valid for a year. The authority's own key is forgotten."
    })
final class KeysCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Where the files go; existing ones are replaced.")
  private Path directory = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "A further host name or address of the server, besides localhost's.")
  private List<String> names = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    List<String> all = new ArrayList<>(names);
    all.addAll(Keys.LOCAL_NAMES);
    Keys.write(directory, all);
    for (String file :
        List.of(
            Keys.CA_CERT,
            Keys.SERVER_CERT,
            Keys.SERVER_KEY,
            Keys.CLIENT_CERT,
            Keys.CLIENT_KEY,
            Keys.PSKS)) {
      System.out.println(directory.resolve(file));
    }
    return 0;
  }
}
