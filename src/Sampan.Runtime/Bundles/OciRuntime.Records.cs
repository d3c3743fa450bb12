using System.Buffers;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>Records, states and what is removed.</summary>
public sealed partial class OciRuntime
{
    /// <summary>The newest version of the specification that is understood.</summary>
    public const string SpecVersion = "1.2.0";

    private string DirectoryOf(string id)
    {
        RequireId(id);
        return $"{root}/{id}";
    }

    private static readonly SearchValues<char> s_idSigns = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.");

    /// <summary>An id is a name of a directory and of a cgroup: what could leave them is refused.</summary>
    private static void RequireId(string id)
    {
        const int MaxLength = 1024;
        if (id.Length is 0 or > MaxLength || id is "." or ".." || id.AsSpan().ContainsAnyExcept(s_idSigns))
            throw new RuntimeException("id", $"invalid container id '{id}': it may have letters, digits, '_', '+', '-' and '.'");
    }

    private string Reserve(string id, Undo undo)
    {
        var directory = DirectoryOf(id);
        CreateRoot();
        // Made, not looked for: of two that create at once one gets the id, and the other's undoing touches nothing of it.
        if (!HostFile.TryCreateDirectory(directory, OwnerOnly))
            throw new RuntimeException("id", $"container with id '{id}' exists already");
        undo.Push(() => RemoveDirectory(directory));
        return directory;
    }

    private void CreateRoot()
    {
        try
        {
            Directory.CreateDirectory(root, OwnerOnly);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new RuntimeException("state", $"cannot create '{root}', which is to hold the containers' state: permission denied; give a directory of yours by --root, or set XDG_RUNTIME_DIR", failure);
        }
    }

    private static void RemoveDirectory(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    private static void WriteRecord(string directory, ContainerRecord record) =>
        AtomicFile.Write(directory + "/state.json", RuntimeDocument.Write(record), OwnerReadWrite, durable: false);

    private ContainerRecord ReadRecord(string id)
    {
        try
        {
            return RuntimeDocument.ReadRecord(HostFile.ReadRegular(DirectoryOf(id) + "/state.json", RecordMaxBytes))
                ?? throw new RuntimeException("state", $"the record of container '{id}' is empty");
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT)
        {
            throw new RuntimeException("state", $"container '{id}' does not exist", failure);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("state", $"the record of container '{id}' cannot be used: {failure.Message}", failure);
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("state", $"the record of container '{id}' is damaged: {failure.Message}", failure);
        }
    }

    /// <summary>The way to init, claimed by renaming it: of two that start a container at once one has it, and init never hears the other.</summary>
    private static MessageSocket ClaimGate(string id, string directory)
    {
        const string Claimed = "starting.sock";
        try
        {
            HostFile.Rename($"{directory}/{GateName}", $"{directory}/{Claimed}");
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT)
        {
            throw new RuntimeException("start", $"cannot start container '{id}' in the running state: it must be created", failure);
        }
        var gate = MessageSocket.Connect(directory, Claimed);
        HostFile.Remove($"{directory}/{Claimed}");
        return gate;
    }

    private string StatusOf(ContainerRecord record)
    {
        using var init = OpenInit(record);
        if (init is null)
            return "stopped";
        // Frozen before created: who wants to start a frozen init would wait for it in vain.
        using var cgroup = OpenCgroup(record);
        if (cgroup.IsFrozen)
            return "paused";
        return File.Exists($"{DirectoryOf(record.Id)}/{GateName}") ? "created" : "running";
    }

    /// <summary>Init, if it still is the process that was recorded and has not ended.</summary>
    internal static PidFd? OpenInit(ContainerRecord record)
    {
        try
        {
            var init = PidFd.Open(record.Pid);
            // Looked at after opening: only now the number cannot come to mean another process.
            if (ProcessStat.Read(record.Pid) is { } stat && stat.StartTicks == record.StartTicks && stat.State is not ('Z' or 'X'))
                return init;
            init.Dispose();
            return null;
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ESRCH)
        {
            return null;
        }
    }

    private RuntimeSpec? LoadLeniently(ContainerRecord record)
    {
        try
        {
            return Bundle.LoadKept(DirectoryOf(record.Id), record.Bundle).Spec;
        }
        catch (RuntimeException failure)
        {
            Warn($"the configuration of container '{record.Id}' is lost: {failure.Message}");
            return null;
        }
    }

    private static void WritePidFile(string? path, int pid)
    {
        if (path is not null)
            AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(pid.ToString(System.Globalization.CultureInfo.InvariantCulture)), OwnerReadWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, durable: false);
    }

    /// <summary>Hands the master of a terminal over: to who waits in this process, or through a socket.</summary>
    private static void GiveConsole(SafeFd? console, string? socket, Action<SafeFd>? onConsole)
    {
        if (console is null)
            return;
        if (onConsole is not null)
        {
            onConsole(console);
            return;
        }
        using (console)
            ConsoleSocket.Send(socket ?? throw new RuntimeException("console", "nobody takes the terminal"), console);
    }

    /// <summary>False in a user namespace that denies it; only users are looked at, as it costs a file.</summary>
    private bool MaySetGroups() => !IsRootless || IdMaps.AllowGroups();

    /// <summary>runc's name for a container's session keyring.</summary>
    internal static string KeyringOf(string id) => "_ses." + id;

    /// <summary>What cannot be granted is left out, as runc does, and said.</summary>
    private void WarnOfCapabilities(OciProcess? process, RuntimeSpec spec)
    {
        var missing = ProcessPlanner.Unavailable(process?.Capabilities, ContainerEntry.Held(NamespacesOf(spec)));
        if (missing.Count > 0)
            Warn($"ignoring unknown or unavailable capabilities: [{string.Join(' ', missing)}]");
    }

    private static ContainerState StateOf(string id, string status, int pid, Bundle bundle) =>
        new() { OciVersion = SpecVersion, Id = id, Status = status, Pid = pid, Bundle = bundle.Directory, Annotations = bundle.Spec.Annotations };
}
