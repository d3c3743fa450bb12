using System.Globalization;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Proc;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Commands;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>Containers to disk and back, by criu.</summary>
public sealed partial class OciRuntime
{
    private const int CriuPidMaxBytes = 32;
    private const string CriuPidName = "criu.pid";

    /// <summary>
    /// Writes a running container to disk:
    /// <list type="number">
    /// <item>find the container; refuse what criu cannot bring back</item>
    /// <item>note what its streams are</item>
    /// <item>let criu dump it</item>
    /// <item>remove what is left, unless it goes on</item>
    /// </list>
    /// </summary>
    /// <exception cref="RuntimeException">A step failed; then the container goes on.</exception>
    internal void Checkpoint(string id, CheckpointOptions options)
    {
        var record = ReadRecord(id);
        if (StatusOf(record) != "running")
            throw new RuntimeException("checkpoint", "container not running");
        var bundle = Bundle.LoadKept(DirectoryOf(id), record.Bundle);
        RequireRestorable(bundle.Spec);
        HostFile.CreateDirectory(options.ImagePath, OwnerOnly);
        CriuStreams.Write(options.ImagePath, record.Pid);
        RunCriu(options, CriuArguments.Dump(options, bundle.Spec, record.Pid, bundle.RootDirectory, MaskedFiles(bundle.Spec, record.Pid)), CriuArguments.DumpLog);
        if (!options.LeaveRunning && !options.PreDump)
            Delete(id, force: true);
    }

    /// <summary>
    /// Makes a container out of what <see cref="Checkpoint"/> wrote:
    /// <list type="number">
    /// <item>reserve the id; load and validate the bundle</item>
    /// <item>cgroup</item>
    /// <item>mount the root where criu takes it from, in a mount namespace of our own</item>
    /// <item>let criu restore it: it becomes a child of the nearest sub-reaper</item>
    /// <item>write the record and the pid file; poststart hooks</item>
    /// </list>
    /// </summary>
    /// <exception cref="RuntimeException">A step failed; nothing is left then.</exception>
    internal PidFd Restore(string id, CreateOptions create, CheckpointOptions options)
    {
        using var undo = new Undo();
        var directory = Reserve(id, undo);
        var bundle = Bundle.Load(create.Bundle);
        RequireRestorable(bundle.Spec);
        var streams = CriuStreams.Read(options.ImagePath);
        using var group = CreateCgroup(bundle.Spec, id, undo);
        group?.Limit();
        var mountedRoot = MountForCriu(bundle.RootDirectory, directory);
        var pidFile = $"{directory}/{CriuPidName}";
        RunCriu(options, CriuArguments.Restore(options, bundle.Spec, mountedRoot, pidFile, streams), CriuArguments.RestoreLog);
        var pid = ReadPid(pidFile);
        var process = PidFd.Open(pid);
        undo.Push(() => process.Send(SIGKILL));
        group?.Settle();
        AtomicFile.Write($"{directory}/{Bundle.ConfigName}", bundle.Content.Span, OwnerReadWrite, durable: false);
        WriteRecord(directory, new ContainerRecord
        {
            Id = id,
            Pid = pid,
            StartTicks = ProcessStat.Read(pid)?.StartTicks ?? throw new RuntimeException("restore", "init ended when it was restored"),
            Bundle = bundle.Directory,
            CgroupPath = group?.Cgroup.Path,
            SystemdUnit = group?.Unit,
            CreatedAt = time.GetUtcNow(),
        });
        WritePidFile(create.PidFile, pid);
        if (bundle.Spec.Hooks is { Poststart.Count: > 0 } hooks)
            HookRunner.Run(hooks.Poststart, StateOf(id, "running", pid, bundle), "poststart");
        undo.Release();
        return process;
    }

    /// <summary>Where the null device is mounted over a masked path.</summary>
    private static IEnumerable<string> MaskedFiles(RuntimeSpec spec, int pid)
    {
        var masks = MountInfo.Read(pid).Where(mount => mount.Root.EndsWith("/null", StringComparison.Ordinal)).Select(mount => mount.MountPoint).ToHashSet(StringComparer.Ordinal);
        return (spec.Linux?.MaskedPaths ?? []).Where(masks.Contains);
    }

    /// <summary>What would be lost is refused by name.</summary>
    private static void RequireRestorable(RuntimeSpec spec)
    {
        if (spec.Process is { Terminal: true })
            throw new RuntimeException("checkpoint", "a container with a terminal cannot be checkpointed and restored: its terminal belongs to another process");
        if (spec.Hooks is { } hooks && (LaunchHooks.WantNamespaces(hooks) || hooks.CreateContainer.Count > 0))
            throw new RuntimeException("checkpoint", "a container with prestart, createRuntime or createContainer hooks cannot be checkpointed and restored: criu would not run them");
    }

    /// <summary>criu wants the root to be a mount. In a namespace of ours the host sees nothing of it, and it is gone with us.</summary>
    private static string MountForCriu(string rootDirectory, string directory)
    {
        var place = directory + "/root";
        HostFile.CreateDirectory(place, OwnerOnly);
        CurrentProcess.Unshare(NamespaceTypes.Mount);
        MountSpace.SetPropagation(MountPropagation.Slave, recursive: true);
        using var tree = MountTree.Bind(rootDirectory, recursive: true);
        using var target = HostFile.Open(place, OpenFlags.Path | OpenFlags.Directory);
        tree.Attach(target, place);
        return place;
    }

    private static int ReadPid(string file) => int.TryParse(Encoding.ASCII.GetString(HostFile.Read(file, CriuPidMaxBytes)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        ? pid : throw new RuntimeException("restore", "criu wrote no process id");

    private static void RunCriu(CheckpointOptions options, IReadOnlyList<string> arguments, string log)
    {
        int pid;
        try
        {
            pid = ProgramSearch.Spawn([options.Criu, .. arguments]);
        }
        catch (StartFailedException failure)
        {
            throw new RuntimeException("criu", $"cannot run '{options.Criu}', which checkpoint and restore need: install criu, or name it by --criu ({failure.Message})", failure);
        }
        using var process = PidFd.Open(pid);
        if (process.Reap() is not { ExitCode: 0 } exit)
            throw new RuntimeException("criu", $"criu failed: {LastError($"{options.WorkPath ?? options.ImagePath}/{log}")}");
    }

    /// <summary>What criu itself says, in its log.</summary>
    private static string LastError(string log)
    {
        const int LogMaxBytes = 256 << 20;
        try
        {
            var errors = Encoding.UTF8.GetString(HostFile.Read(log, LogMaxBytes)).Split('\n').Where(line => line.Contains("Error", StringComparison.Ordinal)).ToArray();
            return errors.Length == 0 ? $"no error in log file '{log}'" : $"{string.Join("; ", errors.TakeLast(3).Select(line => line.Trim()))} (log file '{log}')";
        }
        catch (LinuxException failure)
        {
            return $"it wrote no log: {failure.Message}";
        }
    }
}
