namespace Sampan.Engine.Images;

/// <summary>Images that somebody works with who has no container of them at every moment: a build between two of its steps. Thread-safe.</summary>
internal sealed class ImageHolds
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    /// <summary>Keeps an image from being removed. One that is found after this stays; one that is not was removed before.</summary>
    /// <returns>To be disposed when it may go.</returns>
    internal IDisposable Hold(string imageId)
    {
        lock (_gate)
            _held[imageId] = _held.GetValueOrDefault(imageId) + 1;
        return new Release(this, imageId);
    }

    /// <summary>Whether somebody holds it.</summary>
    internal bool Has(string imageId)
    {
        lock (_gate)
            return _held.ContainsKey(imageId);
    }

    private sealed class Release(ImageHolds holds, string imageId) : IDisposable
    {
        private int _done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _done, 1) != 0)
                return;
            lock (holds._gate)
            {
                if (--holds._held[imageId] == 0)
                    holds._held.Remove(imageId);
            }
        }
    }
}
