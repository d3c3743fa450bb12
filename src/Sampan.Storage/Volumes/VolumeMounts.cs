using Sampan.Linux;
using Sampan.Storage.Plugins;

namespace Sampan.Storage.Volumes;

/// <summary>
/// What is mounted for volumes while containers use them: the file systems that options of local volumes name, and volumes of plugins. A local one is
/// mounted for its first user and unmounted after its last; a plugin is told of each user, as Docker does.
/// </summary>
/// <remarks>Thread-safe. Volumes that lie in the data root need nothing of it.</remarks>
public sealed class VolumeMounts(VolumeStore volumes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Use> _uses = new(StringComparer.Ordinal);

    /// <summary>Begins to use a volume.</summary>
    /// <param name="name">Which.</param>
    /// <param name="user">Who: a container's id, say. Once for each user.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The directory on the host.</returns>
    /// <exception cref="StorageException">NotFound; Unavailable, Refused: it cannot be mounted, and nothing is.</exception>
    public async Task<string> AcquireAsync(string name, string user, CancellationToken ct)
    {
        var volume = volumes.Find(name) ?? throw new StorageException(StorageError.NotFound, $"get {name}: no such volume");
        if (!volume.NeedsMount)
            return volume.MountPoint;
        var use = UseOf(name);
        await use.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (use.Users.TryGetValue(user, out var mounted) && mounted.Length > 0)
                return mounted;
            var path = volume.Driver is { } driver ? await MountAsync(volume, driver, user, ct).ConfigureAwait(false) : await MountLocalAsync(volume, use, ct).ConfigureAwait(false);
            return use.Users[user] = path;
        }
        finally
        {
            use.Gate.Release();
        }
    }

    /// <summary>Ends using a volume; nothing happens if the user does not use it.</summary>
    /// <exception cref="StorageException">It cannot be unmounted: the user is gone nevertheless.</exception>
    public async Task ReleaseAsync(string name, string user, CancellationToken ct)
    {
        if (volumes.Find(name) is not { NeedsMount: true } volume)
            return;
        var use = UseOf(name);
        await use.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (!use.Users.Remove(user))
                return;
            if (volume.Driver is { } driver)
                await (await volumes.PluginAsync(driver, ct).ConfigureAwait(false)).UnmountAsync(name, user, ct).ConfigureAwait(false);
            else if (use.Users.Count == 0)
                LocalVolumeMount.Unmount(volume.MountPoint);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot unmount volume '{name}': {refused.Message}", refused);
        }
        finally
        {
            use.Gate.Release();
        }
    }

    /// <summary>Says that a container that was found running uses a volume since before.</summary>
    public void Adopt(string name, string user, string path)
    {
        if (volumes.Find(name) is not { NeedsMount: true })
            return;
        var use = UseOf(name);
        use.Gate.Wait();
        use.Users[user] = path;
        use.Gate.Release();
    }

    /// <summary>Unmounts volumes that nobody uses: what a crash left. For the start of a daemon, after it has adopted. A plugin keeps what it mounted.</summary>
    /// <returns>What could not be unmounted, and why.</returns>
    public IReadOnlyList<string> UnmountUnused()
    {
        var failures = new List<string>();
        foreach (var volume in volumes.List().Where(volume => volume is { NeedsMount: true, Driver: null } && UseOf(volume.Name).Users.Count == 0))
            Try(() => LocalVolumeMount.Unmount(volume.MountPoint));
        foreach (var plugin in volumes.Managed.All)
            Try(() => ShownVolume.HideOthers(plugin.Directory, (name, user) => UseOf(name).Users.ContainsKey(user)));
        return failures;

        void Try(Action unmount)
        {
            try
            {
                unmount();
            }
            catch (Exception stuck) when (stuck is StorageException or LinuxException)
            {
                failures.Add(stuck.Message);
            }
        }
    }

    private async Task<string> MountAsync(VolumeRecord volume, string driver, string user, CancellationToken ct)
    {
        var plugin = await volumes.PluginAsync(driver, ct).ConfigureAwait(false);
        try
        {
            return await plugin.MountAsync(volume.Name, user, ct).ConfigureAwait(false);
        }
        catch (StorageException failure)
        {
            // It may have mounted it, and answered too late or wrongly: it is told that nobody uses it.
            _ = GiveUpAsync();
            throw new StorageException(failure.Kind, $"error while mounting volume '{volume.Name}': {failure.Message}", failure);
        }

        async Task GiveUpAsync()
        {
            try
            {
                await plugin.UnmountAsync(volume.Name, user, CancellationToken.None).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // It does not answer this either; the first failure is told.
            }
        }
    }

    private static async Task<string> MountLocalAsync(VolumeRecord volume, Use use, CancellationToken ct)
    {
        if (use.Users.Count == 0)
        {
            LocalVolumeMount.Unmount(volume.MountPoint);
            await LocalVolumeMount.MountAsync(volume, LocalVolumeOptions.Parse(volume.Options), ct).ConfigureAwait(false);
        }

        return volume.MountPoint;
    }

    private Use UseOf(string name)
    {
        lock (_gate)
            return _uses.TryGetValue(name, out var use) ? use : _uses[name] = new Use();
    }

    private sealed class Use
    {
        internal SemaphoreSlim Gate { get; } = new(1, 1);

        // Guarded by the gate: who uses it, and the directory each was given.
        internal Dictionary<string, string> Users { get; } = new(StringComparer.Ordinal);
    }
}
