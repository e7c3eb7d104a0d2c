# Sourced by the launchers beside it: finds a JDK 25, builds what is missing or older than its sources, starts Java.
# In: $self (the launcher's real path), $top (the module to build with all it needs, samples unless set), $build_options (for Maven). Out: $root (the checkout), $java. Then: launch MAIN_CLASS MODULE ARGS...

fail() {
  echo "$(basename "$self"): $*" >&2
  exit 1
}

# The feature version of the JDK in directory $1, or nothing.
jdk_version() {
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
  fi
}

find_jdk() {
  on_path=
  if command -v java >/dev/null 2>&1; then
    on_path=$(readlink -f "$(command -v java)" 2>/dev/null) || on_path=
    on_path=${on_path%/bin/java}
  fi
  for dir in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/*jdk* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$dir" ] && [ -x "$dir/bin/java" ] || continue
    version=$(jdk_version "$dir")
    if [ "${version:-0}" -ge 25 ]; then
      echo "$dir"
      return 0
    fi
  done
  return 1
}

modules="protocol-netlink/uapi protocol-netlink/uds dataplane/core dataplane/io dataplane/daemon handshaked/tls handshaked/daemon
consumer-api/api consumer-api/split samples/consumer tests/resumption samples ${top:-}"
stamp_name=target/.built

# True when a jar is missing, or a source is newer than its jar and than the last build from here.
stale() {
  stamp=$root/$stamp_name
  for lib in dataplane/daemon handshaked/daemon samples ${top:-}; do
    [ -d "$root/$lib/target/lib" ] || return 0
  done
  for module in $modules; do
    jar=
    for candidate in "$root/$module"/target/*.jar; do
      [ -f "$candidate" ] && jar=$candidate
    done
    [ -n "$jar" ] || return 0
    since=$jar
    [ "$stamp" -nt "$jar" ] && since=$stamp
    [ -z "$(find "$root/$module/src/main" "$root/$module/pom.xml" "$root/pom.xml" -newer "$since" 2>/dev/null | head -n 1)" ] || return 0
  done
  return 1
}

build() {
  command -v mvn >/dev/null 2>&1 || fail "not built yet, and there is no Maven (mvn) on the PATH to build it with"
  mkdir -p "$root/target"
  # Two launchers started together build once.
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$root/target/.build.lock"
    flock 9
    stale || return 0
  fi
  echo "$(basename "$self"): building (once; takes a minute, longer when Maven has to download) ..." >&2
  now=$root/target/.building
  : >"$now"
  # The flag silences a warning about Maven's own libraries.
  (cd "$root" && JAVA_HOME=$jdk MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" \
    mvn -q -B -Dstyle.color=never -Dmaven.test.skip=true ${build_options:-} -P '!format' -pl "${top:-samples}" -am package) >&2 ||
    fail "the build failed (see above); run 'mvn package' in $root"
  mv "$now" "$root/$stamp_name"
  if command -v flock >/dev/null 2>&1; then exec 9>&-; fi
}

# The collector. On one or two processors the serial one: its pause is one thread's, where the parallel one waits for the slower of two that
# compete with everybody else's for the same processors (docs/PERFORMANCE.md, "Pauses"). Nothing when $QUIC_JAVA_OPTS names one: the JVM takes no two.
collector() {
  case " ${QUIC_JAVA_OPTS:-} " in *" -XX:+Use"*"GC "*) return 0 ;; esac
  processors=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null) || processors=
  if [ "${processors:-4}" -le 2 ]; then echo -XX:+UseSerialGC; else echo -XX:+UseParallelGC; fi
}

# Short-lived garbage only, in a young generation that is touched once and stays small (a growing one is a page fault every fourth packet); what
# survived two collections is there to stay and is not copied again. Classes are no reason for a full collection at the start. Compact headers save
# a tenth of the heap. The optimizing compiler puts hot methods of at most 70 bytes of bytecode into their callers, not of 325: a turn of a
# shard is no longer one piece of code that takes it seconds, again and again.
# Code and heap on huge pages: what a collection writes to for the first time costs a page fault every 2 MiB, not 4 KiB.
jvm="--enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders $(collector) -Xmn64m -XX:MaxTenuringThreshold=1 -XX:MetaspaceSize=64m
-XX:FreqInlineSize=70 -XX:-UsePerfData"
case $(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null) in
  *'[always]'* | *'[madvise]'*) jvm="$jvm -XX:+UseTransparentHugePages" ;;
esac

# What the JVM knows of the program with main class $1 before it starts: recorded by 'quic warm'.
cache_of() {
  echo "$root/target/aot/$1"
}

# A program with a data plane in it, as its main class $1 and its arguments tell, has its first memory touched before it begins: where a page is
# touched for the first time within a collection, everybody waits.
touched() {
  case " ${QUIC_JAVA_OPTS:-} " in *" -Xmx"*) return 0 ;; esac
  case " $* " in *.DataPlaneMain\ * | *\ --embedded\ * | *\ perf\ --self\ *) echo -XX:+AlwaysPreTouch -Xms112m ;; esac
}

launch() {
  main=$1 module=$2
  shift 2
  cache=$(cache_of "$main")
  touched=$(touched "$main" "$@")
  # $QUIC_JAVA_OPTS comes after all others, so that it can overrule everything.
  # shellcheck disable=SC2086
  set -- ${QUIC_JAVA_OPTS:-} -cp "$root/$module/target/*:$root/$module/target/lib/*" "$main" "$@"
  case " ${QUIC_REHEARSE:-} " in
    *" $main "*)
      # Programs of the same kind that this one starts must not record, too.
      QUIC_REHEARSE=$(echo " $QUIC_REHEARSE " | sed "s/ $main / /")
      export QUIC_REHEARSE
      set -- -XX:AOTMode=record "-XX:AOTConfiguration=$cache.conf" -Xlog:aot=off "$@"
      ;;
    *)
      # One that does not fit (another JDK, a newer jar, other options) is passed over by the JVM.
      [ ! -r "$cache.aot" ] || set -- "-XX:AOTCache=$cache.aot" -Xlog:aot=off "$@"
      ;;
  esac
  # shellcheck disable=SC2086
  exec "$java" $jvm $touched -Dquic.home="$root" "$@"
}

root=$(dirname "$(dirname "$self")")
jdk=$(find_jdk) || fail "needs a JDK 25 or later: set JAVA_HOME, or install one (for example temurin-25-jdk)"
java=$jdk/bin/java
# An installed copy has no sources.
if [ -z "${QUIC_NO_BUILD:-}" ] && [ -f "$root/pom.xml" ] && stale; then build; fi
