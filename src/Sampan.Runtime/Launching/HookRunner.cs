using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>Runs hooks one after the other, each with the container's state on standard input and exactly its own environment.</summary>
internal static class HookRunner
{
    private const int SIGKILL = 9;

    /// <summary>Runs the hooks; the first that fails ends the launch.</summary>
    /// <exception cref="RuntimeException">A hook could not run, failed, or took longer than its timeout.</exception>
    internal static void Run(IReadOnlyList<Hook> hooks, ContainerState state, string kind)
    {
        if (hooks.Count == 0)
            return;
        var json = SpecDocument.Write(state);
        foreach (var hook in hooks)
            RunOne(hook, json, kind);
    }

    /// <summary>Runs the hooks, all of them whatever becomes of one: for those after the end, whose failures are warnings.</summary>
    /// <returns>What failed.</returns>
    internal static IReadOnlyList<string> RunAll(IReadOnlyList<Hook> hooks, ContainerState state, string kind)
    {
        var failures = new List<string>();
        foreach (var hook in hooks)
        {
            try
            {
                Run([hook], state, kind);
            }
            catch (Exception failure) when (failure is RuntimeException or LinuxException)
            {
                failures.Add(failure.Message);
            }
        }
        return failures;
    }

    private static void RunOne(Hook hook, ReadOnlySpan<byte> state, string kind)
    {
        using var input = MemoryFile.Create("state", state);
        using var stderr = new SafeFd(2, ownsHandle: false);
        // Nothing of the container's environment reaches a hook (CVE-2025-23266): exactly what the hook lists.
        var env = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in hook.Env)
        {
            var equals = entry.IndexOf('=');
            if (equals > 0)
                env[entry[..equals]] = entry[(equals + 1)..];
        }
        var pid = Spawn(hook.Path, hook.Args.Count > 0 ? hook.Args : [hook.Path], env, new SpawnOptions { Stdin = input, Stdout = stderr, Stderr = stderr }, kind);
        using var process = PidFd.Open(pid);
        var ended = process.WaitEnded(hook.Timeout is > 0 ? TimeSpan.FromSeconds(hook.Timeout.Value) : Timeout.InfiniteTimeSpan);
        if (!ended)
            process.Send(SIGKILL);
        var exit = process.Reap();
        if (!ended)
            throw new RuntimeException($"{kind} hooks", $"hook '{hook.Path}' took longer than {hook.Timeout} s");
        if (exit is not { ExitCode: 0 })
            throw new RuntimeException($"{kind} hooks", $"hook '{hook.Path}' failed with exit code {exit?.ExitCode}");
    }

    private static int Spawn(string path, IReadOnlyList<string> args, Dictionary<string, string> env, SpawnOptions options, string kind)
    {
        try
        {
            return ProcessSpawner.Spawn(path, args, env, options);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException($"{kind} hooks", $"hook '{path}' cannot be run: {failure.Errno.Describe()}", failure);
        }
    }
}
