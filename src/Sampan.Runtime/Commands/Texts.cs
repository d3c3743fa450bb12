using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>What <c>--help</c> and <c>--version</c> print.</summary>
internal static class Texts
{
    internal static void PrintVersion() =>
        StandardStreams.WriteOutput($"sampan-runtime version {typeof(Texts).Assembly.GetName().Version?.ToString(3)}\nspec: {OciRuntime.SpecVersion}\n");

    internal static void PrintHelp() => StandardStreams.WriteOutput("""
        sampan-runtime: runs containers by the OCI runtime specification

        usage: sampan-runtime [global options] command [options] [arguments]

        commands:
          create [--bundle DIR] [--pid-file FILE] [--console-socket SOCKET] [--preserve-fds N] [--no-pivot] ID
                                make a container; its program waits for start
          start ID              let the program of a created container run
          run [options of create] [--detach] [--keep] ID
                                create, start, wait, delete; ends with the program's exit code
          state ID              print the state of a container as JSON
          kill [--all] ID [SIGNAL]
                                send a signal (SIGTERM) to a container
          delete [--force] ID   remove a stopped container
          list                  list containers
          check [N]             clone N times, to prove that this build can make containers here

        global options:
          --root DIR            where the state of containers lies (/run/sampan-runtime)
          --log FILE            append errors to this file
          --log-format FORMAT   text or json
          --debug               accepted
          --version, --help

        """);
}
