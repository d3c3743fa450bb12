using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// The command lines of <see href="https://criu.org/CLI">criu</see>. Pure. Mounts that come from outside of the container are named by their place in it: at the dump
/// they are left out, at the restore bound again from where the configuration says. So are files that are masked by the null device.
/// </summary>
internal static class CriuArguments
{
    internal const string DumpLog = "dump.log";
    internal const string RestoreLog = "restore.log";

    /// <param name="options">The options.</param>
    /// <param name="spec">The configuration.</param>
    /// <param name="pid">Of init.</param>
    /// <param name="rootDirectory">Absolute path of the root.</param>
    /// <param name="maskedFiles">Those of the masked paths that are files; directories are masked by file systems of their own.</param>
    internal static IReadOnlyList<string> Dump(CheckpointOptions options, RuntimeSpec spec, int pid, string rootDirectory, IEnumerable<string> maskedFiles)
    {
        List<string> arguments = [options.PreDump ? "pre-dump" : "dump", "--tree", $"{pid}", "--log-file", DumpLog, .. Common(options, rootDirectory)];
        if (options.ParentPath is { } parent)
            arguments.AddRange(["--prev-images-dir", parent, "--track-mem"]);
        else if (options.PreDump)
            arguments.Add("--track-mem");
        if (options.LeaveRunning && !options.PreDump)
            arguments.Add("--leave-running");
        foreach (var mount in Outside(spec))
            arguments.AddRange(["--external", $"mnt[{mount.Destination}]:{mount.Destination}"]);
        foreach (var path in maskedFiles)
            arguments.AddRange(["--external", $"mnt[{path}]:{path}"]);
        return arguments;
    }

    /// <param name="options">The options.</param>
    /// <param name="spec">The configuration.</param>
    /// <param name="mountedRoot">Where the root is mounted.</param>
    /// <param name="pidFile">File that criu writes the process id to.</param>
    /// <param name="streams">What the standard streams were, see <see cref="CriuStreams"/>: pipes are replaced by ours.</param>
    internal static IReadOnlyList<string> Restore(CheckpointOptions options, RuntimeSpec spec, string mountedRoot, string pidFile, IReadOnlyList<string> streams)
    {
        List<string> arguments = ["restore", "--restore-detached", "--pidfile", pidFile, "--log-file", RestoreLog, .. Common(options, mountedRoot)];
        foreach (var mount in Outside(spec))
            arguments.AddRange(["--external", $"mnt[{mount.Destination}]:{mount.Source}"]);
        // criu looks up those that it left out, and passes over the rest.
        foreach (var path in spec.Linux?.MaskedPaths ?? [])
            arguments.AddRange(["--external", $"mnt[{path}]:/dev/null"]);
        for (var number = 0; number < streams.Count; number++)
        {
            if (streams[number].StartsWith("pipe:", StringComparison.Ordinal))
                arguments.AddRange(["--inherit-fd", $"fd[{number}]:{streams[number]}"]);
        }
        return arguments;
    }

    private static IEnumerable<string> Common(CheckpointOptions options, string root)
    {
        List<string> arguments = ["--images-dir", options.ImagePath, "-v4", "--root", root, $"--manage-cgroups={options.CgroupMode}"];
        if (options.WorkPath is { } work)
            arguments.AddRange(["--work-dir", work]);
        void Add(bool wanted, string option)
        {
            if (wanted)
                arguments.Add(option);
        }
        Add(options.TcpEstablished, "--tcp-established");
        Add(options.ExternalUnixSockets, "--ext-unix-sk");
        Add(options.ShellJob, "--shell-job");
        Add(options.FileLocks, "--file-locks");
        Add(options.AutoDedup, "--auto-dedup");
        if (options.EmptyNamespaces.Count > 0)
            arguments.AddRange(["--empty-ns", "net"]);
        return arguments;
    }

    private static IEnumerable<Mount> Outside(RuntimeSpec spec) =>
        spec.Mounts.Where(mount => mount.Type == "bind" || mount.Options.Contains("bind") || mount.Options.Contains("rbind"));
}
