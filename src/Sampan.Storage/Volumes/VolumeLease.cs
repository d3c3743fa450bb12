namespace Sampan.Storage.Volumes;

/// <summary>Volumes that must not be removed although nothing that can be found uses them yet: see <see cref="VolumeStore.Lease"/>.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class VolumeLease : IDisposable
{
    private readonly VolumeStore _store;
    private readonly List<string> _names = [];

    private readonly VolumeMaker? _maker;

    internal VolumeLease(VolumeStore store, VolumeMaker? maker)
    {
        _store = store;
        _maker = maker;
    }

    /// <summary>The volume of a name, held from now on; null if there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<VolumeRecord?> FindAsync(string name, CancellationToken ct)
    {
        if (Hold(name) is { } known)
            return known;
        // One of a plugin's, that is not ours yet.
        return await _store.FindAsync(name, ct).ConfigureAwait(false) is null ? null : Hold(name);
    }

    /// <summary>Makes a volume, or takes the one that is there; held from now on.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">As <see cref="VolumeStore.CreateAsync(VolumeRequest, CancellationToken)"/>.</exception>
    public async Task<VolumeRecord> CreateAsync(VolumeRequest request, CancellationToken ct)
    {
        while (true)
        {
            var volume = await _store.CreateAsync(request, _maker, ct).ConfigureAwait(false);
            // Somebody may remove it at this moment: made again, then.
            if (Hold(volume.Name) is { } held)
                return held;
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Removes a volume that was made for what failed.</summary>
    /// <param name="name">Its name.</param>
    public Task RemoveAsync(string name) => _store.RemoveAsync(name, force: false, _ => null, CancellationToken.None);

    /// <summary>Lets them go.</summary>
    public void Dispose()
    {
        _store.LetGo(_names);
        _names.Clear();
    }

    private VolumeRecord? Hold(string name)
    {
        if (_store.Hold(name, _maker?.For) is not { } volume)
            return null;
        _names.Add(name);
        return volume;
    }
}
