namespace Sampan.Storage.Volumes;

/// <summary>Volumes that must not be removed although nothing that can be found uses them yet: see <see cref="VolumeStore.Lease"/>.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class VolumeLease : IDisposable
{
    private readonly VolumeStore _store;
    private readonly List<string> _names = [];

    private readonly Action<string>? _making;

    internal VolumeLease(VolumeStore store, Action<string>? making)
    {
        _store = store;
        _making = making;
    }

    /// <summary>The volume of a name, held from now on; null if there is none.</summary>
    /// <param name="name">Its name.</param>
    public VolumeRecord? Find(string name)
    {
        if (_store.Hold(name) is not { } volume)
            return null;
        _names.Add(name);
        return volume;
    }

    /// <summary>Makes a volume, or takes the one that is there; held from now on.</summary>
    /// <param name="name">Its name, or null for a made-up one.</param>
    /// <param name="labels">Free labels, or null.</param>
    /// <exception cref="StorageException">InvalidInput: a bad name.</exception>
    public VolumeRecord Create(string? name, IReadOnlyDictionary<string, string>? labels)
    {
        var volume = _store.CreateHeld(name, labels, _making);
        _names.Add(volume.Name);
        return volume;
    }

    /// <summary>Removes a volume that was made for what failed.</summary>
    /// <param name="name">Its name.</param>
    public void Remove(string name) => _store.Remove(name, _ => null);

    /// <summary>Lets them go.</summary>
    public void Dispose()
    {
        _store.LetGo(_names);
        _names.Clear();
    }
}
