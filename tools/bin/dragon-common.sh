# shellcheck shell=bash
# What the Dragon scripts share: where the jars are, which Java runs them, and with which options; then where the servers that
# dragon-start has started are. Sourced, never run.
#
#   JAVA_HOME          the Java to use; otherwise the `java` in PATH. A bundle brings its own, and uses no other.
#   DRAGON_HEAP_OPTS   heap options, as in "-Xmx4g"
#   DRAGON_JVM_OPTS    any other options of the JVM

dragon_fail() {
    printf '%s\n' "$*" >&2
    exit 2
}

# Sets dragon_java, and its dragon_java_home, _major, _release and _modules; reads the runtime's release file, because asking Java costs a
# start: dragon_find_java BIN
dragon_find_java() {
    local bundled=${1%/*}/runtime
    if [ -x "$bundled/bin/java" ]; then
        dragon_java=$bundled/bin/java
    elif [ -n "${JAVA_HOME:-}" ]; then
        dragon_java=$JAVA_HOME/bin/java
        [ -x "$dragon_java" ] || dragon_fail "JAVA_HOME is $JAVA_HOME, but there is no bin/java in it: point it at a Java 17 or newer."
    else
        dragon_java=$(command -v java) || dragon_fail "Dragon needs Java 17 or newer: install one, or point JAVA_HOME at it."
    fi
    dragon_java_major='' dragon_java_release='' dragon_java_modules=''
    local home line
    home=$(readlink -f -- "$dragon_java")
    home=${home%/bin/java}
    dragon_java_home=$home
    if [ -r "$home/release" ]; then
        while IFS= read -r line; do
            case $line in
                JAVA_VERSION=*) dragon_java_major=${line#JAVA_VERSION=\"} ;;
                JAVA_RUNTIME_VERSION=*) dragon_java_release=${line#*=} ;;
                MODULES=*) dragon_java_modules=${line#MODULES=} ;;
            esac
        done <"$home/release"
    fi
    if [ -z "$dragon_java_major" ]; then
        line=$("$dragon_java" -version 2>&1) || dragon_fail "$dragon_java does not run: ${line%%$'\n'*}"
        dragon_java_major=${line#*\"}
    fi
    dragon_java_major=${dragon_java_major#1.}
    dragon_java_major=${dragon_java_major%%[!0-9]*}
    case $dragon_java_major in
        '' | *[!0-9]*) dragon_fail "Cannot tell the version of $dragon_java: Dragon needs Java 17 or newer." ;;
    esac
    [ "$dragon_java_major" -ge 17 ] || dragon_fail "Dragon needs Java 17 or newer, but $dragon_java is Java $dragon_java_major: point JAVA_HOME at a newer one."
}

dragon_is_built() {
    local file
    for file in "$1"/tools/target/lib/engine-*.jar "$1"/tools/target/lib/gpu-worker-*.jar "$1"/tools/target/classes/io/dragon/tools/DragonMain.class; do
        [ -e "$file" ] || return 1
    done
}

# Builds a checkout that was never built. Two first calls at once build once.
dragon_build() {
    local root=$1
    printf 'Building Dragon once, which takes a minute or two (./mvnw -q -DskipTests package).\n' >&2
    (
        cd "$root"
        if command -v flock >/dev/null; then
            exec 9<"$root/pom.xml"
            flock 9
        fi
        dragon_is_built "$root" || ./mvnw -q -B -ntp -DskipTests -pl tools -am package >&2 9<&-
    ) || dragon_fail "The build failed: the lines above say why. Building needs a JDK 17 (not only a runtime) and, the first time, the network."
    dragon_is_built "$root" || dragon_fail "The build ended without the files it should make: try './mvnw -DskipTests package' in $root."
    dragon_has_built=1
}

# Sets dragon_class_path to jars and nothing else, in the order of their names, which shared classes depend on: dragon_name_jars JAR...
dragon_name_jars() {
    local IFS=:
    dragon_class_path="$*"
}

# Sets dragon_home and dragon_class_path from the folder of the scripts.
dragon_find_jars() {
    local bin=$1
    dragon_home=$(dirname -- "$bin")
    if [ -d "$dragon_home/lib" ]; then # a distribution: bin/ beside lib/
        dragon_class_path="$dragon_home/lib/*"
        local -a all=("$dragon_home"/lib/*.jar)
        [ ! -e "${all[0]}" ] || dragon_name_jars "${all[@]}"
    else
        local root
        root=$(dirname -- "$dragon_home")
        [ -x "$root/mvnw" ] || dragon_fail "There is neither $dragon_home/lib nor a checkout around $bin: Dragon is not complete."
        dragon_is_built "$root" || dragon_build "$root"
        dragon_class_path="$dragon_home/target/classes:$dragon_home/target/lib/*"
        local -a own=("$dragon_home"/target/tools-*.jar)
        # who has compiled and not packaged means the classes, whichever of them
        if [ "${#own[@]}" = 1 ] && [ -e "${own[0]}" ] && [ -z "$(find "$dragon_home/target/classes" -type f -newer "${own[0]}" -print -quit 2>&1)" ]; then
            dragon_name_jars "${own[0]}" "$dragon_home"/target/lib/*.jar
        fi
    fi
}

# Sets dragon_archive to the file of shared classes that belongs to this Java and these jars, and makes it for the next time when it is
# not there: Java maps it and need not read, parse and check those classes again. Where that cannot be, everything is slower and works.
dragon_find_archive() {
    local bin=$1 folder head key
    dragon_archive=
    case $dragon_class_path in
        *\** | '') return 0 ;; # folders cannot be shared
    esac
    head=classes-${dragon_java_release//[!0-9A-Za-z+-]/}
    if [ -d "$dragon_home/lib" ]; then # may be read-only, and used by several
        folder=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
        case $folder in
            /*) folder=$folder/dragon ;;
            *) return 0 ;; # a service may have no home, and one that is relative is none
        esac
        # no point in it: the head of one folder's files must not be how another's begin up to their key
        head=$head${dragon_home//[!0-9A-Za-z]/-}
        head=${head:0:150}
    else
        folder=$dragon_home/target
    fi
    local -a jars
    IFS=: read -r -a jars <<<"$dragon_class_path"
    # the time at which a file came to be what it is cannot be set, as the others can
    key=$(stat -L -c '%n %s %Y %Z' "$dragon_java" "$dragon_java_home/lib/server/libjvm.so" "$bin/dragon-classes" "${jars[@]}" 2>/dev/null | cksum 2>/dev/null) || return 0
    key=${key// /-}
    dragon_archive=$folder/$head.$key.jsa
    if [ -n "${dragon_has_built:-}" ]; then # who has waited for the build waits for that, too
        (dragon_make_archive "$bin" "$folder" "$head" "$dragon_archive") </dev/null >/dev/null 2>&1 || true
    fi
    if [ -e "$dragon_archive" ] && [ ! -s "$dragon_archive" ] && [ -n "$(find "$dragon_archive" -mtime +0 2>/dev/null)" ]; then
        rm -f -- "$dragon_archive" # a day ago it could not be made: a disk that was full may have room
    fi
    if [ ! -e "$dragon_archive" ]; then
        # with other descriptors than the command that is about to run, and not its child
        ( (dragon_make_archive "$bin" "$folder" "$head" "$dragon_archive") </dev/null >/dev/null 2>&1 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- &)
        dragon_archive=
    elif [ ! -s "$dragon_archive" ] || [ ! -r "$dragon_archive" ]; then # it could not be made, or is another user's
        dragon_archive=
    fi
}

# dragon_make_archive BIN FOLDER HEAD ARCHIVE: under another name first, and one at a time
dragon_make_archive() {
    local bin=$1 folder=$2 head=$3 archive=$4 partial
    umask 077
    mkdir -p -- "$folder" || return 0
    if command -v flock; then
        exec 9>"$folder/classes.lock"
        flock -n 9 || return 0
        [ ! -e "$archive" ] || return 0
    fi
    rm -f -- "$folder/$head".*.partial*
    find "$folder" -maxdepth 1 -name 'classes-*.jsa' -mtime +90 -delete || true # of what is no longer there, perhaps
    partial=$archive.$$.partial
    if cat -- "$dragon_java_home/lib/classlist" "$bin/dragon-classes" >"$partial.list" &&
        nice -n 5 "$dragon_java" -Xshare:dump "-XX:SharedClassListFile=$partial.list" "-XX:SharedArchiveFile=$partial" \
            -XX:+UseG1GC -Xmx256m -cp "$dragon_class_path" 9<&-; then
        rm -f -- "$folder/$head".*.jsa
        mv -f -- "$partial" "$archive"
    else
        : >"$archive"
    fi
    rm -f -- "$partial" "$partial.list"
}

dragon_has_benchmarks() {
    local file
    for file in "$1"/benchmarks/target/lib/xchart-*.jar "$1"/benchmarks/target/classes/io/dragon/benchmarks/Bench.class; do
        [ -e "$file" ] || return 1
    done
}

# Sets dragon_class_path to that of the benchmarks, which are a module of their own; builds them when they were never built.
dragon_find_benchmarks() {
    local root
    root=$(dirname -- "$dragon_home")
    if [ ! -x "$root/mvnw" ]; then
        compgen -G "$dragon_home/lib/xchart-*.jar" >/dev/null ||
            dragon_fail "The benchmarks are not part of this distribution: run 'tools/bin/dragon bench' in a checkout of Dragon."
        return
    fi
    if ! dragon_has_benchmarks "$root"; then
        printf 'Building the benchmarks once, which takes a minute or two (./mvnw -q -DskipTests -pl benchmarks -am package).\n' >&2
        (
            cd "$root"
            if command -v flock >/dev/null; then
                exec 9<"$root/pom.xml"
                flock 9
            fi
            dragon_has_benchmarks "$root" || ./mvnw -q -B -ntp -DskipTests -pl benchmarks -am package >&2 9<&-
        ) || dragon_fail "The build of the benchmarks failed: the lines above say why. Building needs a JDK 17 (not only a runtime) and, the first time, the network."
        dragon_has_benchmarks "$root" || dragon_fail "The build ended without the files it should make: try './mvnw -DskipTests -pl benchmarks -am package' in $root."
    fi
    dragon_class_path="$root/benchmarks/target/classes:$root/benchmarks/target/lib/*"
}

# Becomes the Java process of one command: dragon_exec BIN COMMAND [ARGS...]
dragon_exec() {
    local bin=$1 command=${2:-} main=io.dragon.tools.DragonMain
    shift
    dragon_find_java "$bin"
    dragon_find_jars "$bin"
    umask 077
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        *[Uu][Tt][Ff]*8*) ;;
        *) export LC_ALL=C.UTF-8 ;; # Java opens file names beyond ASCII only in such a locale
    esac
    local -a heap_options own_options options
    read -r -a heap_options <<<"${DRAGON_HEAP_OPTS:-}"
    read -r -a own_options <<<"${DRAGON_JVM_OPTS:-}"
    options=(
        --add-opens java.base/jdk.internal.misc=ALL-UNNAMED
        --add-opens java.base/java.util.zip=ALL-UNNAMED
        --add-opens java.base/sun.nio.ch=ALL-UNNAMED
        -Djava.awt.headless=true
    )
    [ "$dragon_java_major" -lt 24 ] || options+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
    case $command in
        media-driver | master | gpu-server) # what compiles does not keep those waiting who hand messages on; see JvmFlags
            if [ "$dragon_java_major" -le 25 ] && [ "${#own_options[@]}" = 0 ]; then
                options+=(-XX:ThreadPriorityPolicy=1 -XX:CompilerThreadPriority=5)
                [ "$EUID" = 0 ] || options+=(-XX:-PrintWarnings) # it warns that others than root cannot raise a priority
            fi
            ;;
    esac
    local vector=
    case $command in
        bench) # its own processes have their options
            shift
            dragon_find_benchmarks
            main=io.dragon.benchmarks.Bench
            options+=(-Ddragon.command="$bin/dragon" -XX:+UseParallelGC)
            [ "${#heap_options[@]}" != 0 ] || options+=(-Xms1g -Xmx2g)
            case $dragon_java_modules in
                *jdk.incubator.vector*) vector=1 ;;
            esac
            ;;
        worker | gpu-server | demo | analyze | reconstruct | gpu-check | chaos)
            case $dragon_java_modules in
                *jdk.incubator.vector*) vector=1 ;;
            esac
            ;;
        media-driver | master | publish) ;;
        bundle) options+=("-Ddragon.home=$dragon_home") ;;
        *) options+=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC) ;; # short and small: start fast
    esac
    [ -z "$vector" ] || options+=(--add-modules jdk.incubator.vector)
    if [ "$command" != bench ] && [[ ${DRAGON_JVM_OPTS:-} != *-Xshare:off* ]]; then
        dragon_find_archive "$bin"
        # one that does not fit is passed over without a word
        [ -z "$dragon_archive" ] || options+=(-Xshare:auto "-XX:SharedArchiveFile=$dragon_archive" -Xlog:cds=off)
    fi
    if [ -n "$vector" ] && [ "${#heap_options[@]}" = 0 ] && [ "${#own_options[@]}" = 0 ]; then
        # The JVM warns about incubating modules before any code runs and has no switch against it: it starts with a silent
        # descriptor 2, and the program takes the real one from the descriptor named here. Not with options of the user,
        # because the JVM tells there what is wrong with them.
        local descriptor
        exec {descriptor}>&2
        export DRAGON_STDERR_FD=$$:$descriptor
        options+=(--add-opens java.base/java.io=ALL-UNNAMED)
        exec 2>/dev/null
    fi
    exec "$dragon_java" "${options[@]}" ${heap_options[@]+"${heap_options[@]}"} ${own_options[@]+"${own_options[@]}"} \
        -cp "$dragon_class_path" "$main" "$@"
}

# A path that stays the same from another folder; ~ and nothing else is left to Dragon.
dragon_absolute() {
    case $1 in
        /* | \~ | \~/*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$PWD/$1" ;;
    esac
}

# Sets dragon_dir, dragon_members, dragon_run and dragon_logs: dragon_find_system BIN [ARGS of the configuration...]
dragon_find_system() {
    local bin=$1 line state=''
    shift
    local paths
    paths=$("$bin/dragon" config paths "$@") || exit $?
    dragon_dir='' dragon_members=''
    while IFS= read -r line; do
        case $line in
            dragon.dir=*) dragon_dir=${line#*=} ;;
            masters.directory=*) state=${line#*=} ;;
            masters.members=*) dragon_members=${line#*=} ;;
        esac
    done <<<"$paths"
    [ -n "${dragon_dir:+${state:+$dragon_members}}" ] ||
        dragon_fail "'dragon config paths' does not say where this system is: these scripts and Dragon are of different versions."
    dragon_run=$state/run
    dragon_logs=$state/logs
    (umask 077 && mkdir -p -- "$dragon_run" "$dragon_logs")
}

# One dragon-start or dragon-stop of a system at a time.
dragon_lock_system() {
    if command -v flock >/dev/null; then
        exec 9>"$dragon_run/lock"
        flock -n 9 || {
            printf 'waiting for another dragon-start or dragon-stop of this system\n' >&2
            flock 9
        }
    fi
}

# When a process began, in ticks since the start of the host; nothing when there is none. Its name may hold any character.
dragon_began() {
    local stat
    { read -r -d '' stat <"/proc/$1/stat"; } 2>/dev/null || [ -n "${stat:-}" ] || return 1
    # shellcheck disable=SC2086 # the fields after the name in brackets are numbers
    set -- ${stat##*)}
    [ "$1" != Z ] && printf '%s\n' "${20}"
}

# Sets dragon_pid from a file that holds "PID BEGAN", when that very process still lives: dragon_read FILE
dragon_read() {
    local began
    dragon_pid=
    [ -r "$1" ] && read -r dragon_pid began <"$1" && [ -n "$dragon_pid" ] && [ -n "$began" ] &&
        [ "$(dragon_began "$dragon_pid")" = "$began" ]
}

# Whether the supervisor of a server lives; sets dragon_pid: dragon_is_running NAME
dragon_is_running() {
    dragon_read "$dragon_run/$1.pid"
}

# A server whose supervisor was killed has nobody who starts it again: it is stopped. dragon_end_orphan NAME
dragon_end_orphan() {
    local file=$dragon_run/$1.child i
    if dragon_read "$file"; then
        printf '%s (process %s) has lost its supervisor: stopping it\n' "$1" "$dragon_pid"
        kill -TERM "$dragon_pid" 2>/dev/null || true
        for ((i = 0; i < 300; i++)); do
            dragon_read "$file" || break
            sleep 0.1
        done
        if dragon_read "$file"; then
            printf '%s (process %s) has not ended within 30 s: killed\n' "$1" "$dragon_pid" >&2
            kill -KILL "$dragon_pid" 2>/dev/null || true
        fi
    fi
    rm -f -- "$file" "$dragon_run/$1.pid"
}

# A log of more than 16 MiB is put aside once, in the place of the one before: dragon_rotate FILE
dragon_rotate() {
    (umask 077 && : >>"$1")
    [ "$(wc -c <"$1")" -le 16777216 ] || mv -f -- "$1" "$1.1"
    (umask 077 && : >>"$1")
}

# The same for a log that a server appends to; what it writes between the copy and the cut is lost: dragon_cut FILE
dragon_cut() {
    if [ -f "$1" ] && [ "$(wc -c <"$1")" -gt 16777216 ]; then
        (umask 077 && cp -f -- "$1" "$1.1") && : >"$1"
    fi
}
