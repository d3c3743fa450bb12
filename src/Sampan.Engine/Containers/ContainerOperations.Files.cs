using Sampan.Engine.Containers.Files;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Recipes;
using Sampan.Engine.Users;
using Sampan.Oci.Runtime;
using Sampan.Storage.Trees;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Containers;

/// <content>Files of containers: looked at, copied out and in, exported, compared with the image.</content>
public sealed partial class ContainerOperations
{
    // Of a file in the container's directory that says where a copy has an unfinished file.
    private const string NotePrefix = "copying.";

    /// <summary>What is at a path, as the container's processes see it.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="path">From the container's root; a link at the end is not followed.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: nothing is there.</exception>
    public Task<PathFacts> StatPathAsync(string idOrName, string path, CancellationToken ct) => WithTreeAsync(
        idOrName,
        tree => Task.FromResult(Find(tree, path, idOrName)),
        ct);

    /// <summary>Writes what is at a path as a tar.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="path">From the container's root.</param>
    /// <param name="begin">Told what is there before the first byte; gives where the tar goes.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: nothing is there.</exception>
    public Task CopyOutAsync(string idOrName, string path, Func<PathFacts, Task<Stream>> begin, CancellationToken ct) => WithTreeAsync(
        idOrName,
        async tree =>
        {
            var facts = Find(tree, path, idOrName);
            Translate.Run(() => tree.CheckCopied(path));
            var output = await begin(facts);
            // As Docker: before the first byte. A client goes when it has seen the archive's end, which need not be the stream's.
            _parts.Publish(Existing(idOrName), "archive-path");
            await TarPump.WriteAsync(output, stream => tree.WriteArchive(path, stream, ct), ct);
            return true;
        },
        ct);

    /// <summary>Unpacks a tar, plain or compressed, into a directory.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="path">A directory in the container.</param>
    /// <param name="archive">The tar.</param>
    /// <param name="keepKinds">A file does not take the place of a directory, nor the other way round.</param>
    /// <param name="asUser">Everything belongs to the container's user; false: to the archive's.</param>
    /// <param name="ct">Gives up; what was unpacked stays.</param>
    /// <exception cref="EngineException">
    /// <see cref="ErrorKind.NotFound"/>: no such path. <see cref="ErrorKind.InvalidArgument"/>: no directory, read-only, or a bad archive.
    /// </exception>
    public Task CopyInAsync(string idOrName, string path, Stream archive, bool keepKinds, bool asUser, CancellationToken ct) => WithTreeAsync(
        idOrName,
        async tree =>
        {
            var container = _parts.Registry.Get(idOrName).Current;
            CheckWritable(container, path);
            Find(tree, path, idOrName);
            var user = asUser && container.Spec.User is { Length: > 0 } name ? Identity.Find(_parts, container, name).User : null;
            var note = Path.Combine(_parts.Records.DirectoryOf(container.Id), NotePrefix + ContainerName.NewId());
            var options = new ExtractOptions { KeepKinds = keepKinds, Owner = user is null ? null : (user.Uid, user.Gid), Note = note };
            await TarPump.ReadAsync(archive, stream => tree.Extract(path, stream, options, ct), ct);
            _parts.Publish(container, "extract-to-dir");
            return true;
        },
        ct);

    /// <summary>Removes what copies left unfinished in containers when the daemon before died.</summary>
    /// <param name="ct">Gives up.</param>
    internal async Task FinishCopiesAsync(CancellationToken ct)
    {
        foreach (var container in _parts.Registry.All.Select(c => c.Current).Where(c => c.State is not (Removing or Dead)))
        {
            foreach (var note in Directory.EnumerateFiles(_parts.Records.DirectoryOf(container.Id), NotePrefix + "*"))
            {
                try
                {
                    await WithTreeAsync(container.Id, tree =>
                    {
                        tree.FinishExtract(note);
                        return Task.FromResult(true);
                    }, ct);
                }
                catch (EngineException failure)
                {
                    _parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot remove what a copy into container {container.Name} left unfinished, the next daemon tries again: {failure.Message}", failure));
                }
            }
        }
    }

    /// <summary>Writes all files of a container as a tar, without volumes and other mounts.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="asImage">Without what is in every container's root besides its image.</param>
    /// <param name="begin">Gives where the tar goes, once it is sure that there will be one.</param>
    /// <param name="ct">Gives up.</param>
    public async Task ExportAsync(string idOrName, bool asImage, Func<Task<Stream>> begin, CancellationToken ct)
    {
        var container = Existing(idOrName);
        using var view = Translate.Run(() => _parts.Snapshots.OpenView(container.Id, asImage));
        var output = await begin();
        _parts.Publish(container, "export");
        await Translate.RunAsync(() => TarPump.WriteAsync(output, stream => view.WriteTo(stream, ct), ct));
    }

    /// <summary>In which files a container differs from its image, sorted, parents first.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="ct">Gives up.</param>
    public IReadOnlyList<FileChange> Changes(string idOrName, CancellationToken ct)
    {
        var container = Existing(idOrName);
        return Translate.Run<IReadOnlyList<FileChange>>(() =>
        {
            using var difference = _parts.Snapshots.OpenDifference(container.Id);
            return [.. difference.List(ct).Select(change => new FileChange(change.Path, (int)change.Kind))];
        });
    }

    private ContainerSnapshot Existing(string idOrName)
    {
        var container = _parts.Registry.Get(idOrName).Current;
        return container.State is Removing or Dead
            ? throw EngineException.Conflict($"container {container.Id} is being removed: its files cannot be used")
            : container;
    }

    // A running container's files are those of its first process. One that does not run must not start meanwhile: its writable layer is in use.
    private async Task<T> WithTreeAsync<T>(string idOrName, Func<ContainerTree, Task<T>> work, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        while (true)
        {
            await container.Gate.WaitAsync(ct);
            var isHeld = true;
            var exit = container.NextExit;
            try
            {
                var now = Existing(idOrName);
                await using var use = _parts.NewUndo("look at files");
                if (!now.IsRunning)
                    now = now with { Mounts = await VolumeUse.AcquireAsync(_parts, now.Mounts, "files-" + ContainerName.NewId(), use, ct) };
                using var tree = TryOpen(now);
                if (now.IsRunning)
                {
                    container.Gate.Release();
                    isHeld = false;
                }
                if (tree is not null)
                    return await Translate.ReadingAsync(() => work(tree));
            }
            finally
            {
                if (isHeld)
                    container.Gate.Release();
            }

            // Then it is one that does not run.
            await exit.WaitAsync(ct);
        }
    }

    // Null: its process has ended this moment, and nobody has been told yet.
    private ContainerTree? TryOpen(ContainerSnapshot container)
    {
        try
        {
            return Translate.Run(() => Open(container));
        }
        catch (EngineException) when (container.State.ProcessId is { } pid && new FileInfo($"/proc/{pid}/root").LinkTarget is null)
        {
            return null;
        }
    }

    private ContainerTree Open(ContainerSnapshot container)
    {
        if (container.State.ProcessId is not { } pid)
            return _parts.Snapshots.OpenTree(container.Id, Mounts(container));
        return ContainerTree.OfProcess(pid, _parts.UsersOf(container.Spec) is { Map: var map } ? new OwnerMap(map.Users, map.Groups) : null);
    }

    private List<TreeMount> Mounts(ContainerSnapshot container)
    {
        var users = _parts.UsersOf(container.Spec);
        var mounts = new List<TreeMount>();
        foreach (var (source, destination) in new[] { (container.HostnamePath, "/etc/hostname"), (container.HostsPath, "/etc/hosts"), (container.ResolvConfPath, "/etc/resolv.conf") })
        {
            if (File.Exists(source))
                mounts.Add(new TreeMount(source, destination));
        }
        mounts.AddRange(container.Mounts.Where(m => m.Kind is MountKind.Bind or MountKind.Volume && m.Source.Length > 0).Select(m => new TreeMount(m.Source, m.Destination) { Subpath = m.Subpath, Owners = Owners(m, users) }));
        return mounts;
    }

    // As the kernel has it while the container runs.
    private OwnerMap? Owners(MountPoint mount, MappedUsers? users)
    {
        if (mount.IdMap is { } map)
            return new OwnerMap(Seen(map.Users), Seen(map.Groups));
        return users is null || users.Maps(mount, _parts.Volumes) ? null : new OwnerMap(users.Map.Users, users.Map.Groups);

        static List<IdMapping> Seen(IReadOnlyList<IdMapRange> ranges) => [.. ranges.Select(range => new IdMapping { ContainerId = range.Seen, HostId = range.File, Size = range.Count })];
    }

    // Docker's rule, by the path as it is written.
    private static void CheckWritable(ContainerSnapshot container, string path)
    {
        var full = Path.GetFullPath("/" + path.TrimStart('/'));
        var mount = container.Mounts
            .Where(m => full == m.Destination || full.StartsWith(m.Destination.TrimEnd('/') + "/", StringComparison.Ordinal))
            .MaxBy(m => m.Destination.Length);
        if (mount is { Writable: false })
            throw EngineException.Invalid("mounted volume is marked read-only");
        if (mount is null && container.Spec.Security.ReadOnlyRootfs)
            throw EngineException.Invalid("container rootfs is marked read-only");
    }

    private static PathFacts Find(ContainerTree tree, string path, string container) =>
        Translate.Run(() => tree.Stat(path)) ?? throw EngineException.NotFound($"Could not find the file {path} in container {container}");
}
