using System.Runtime.InteropServices;
using Sampan.Engine;
using Sampan.Storage.Building;

namespace Sampan.Build.Caching;

/// <summary>
/// Contexts as clients last sent them, by the clients' own names for them: who comes again sends only what changed. A client first offers its files
/// with fingerprints, hears which of them are known, and builds by the offer. They go with the process; the least used go when they are too much.
/// </summary>
internal sealed class KeptContexts(TimeProvider time, Func<string> directory)
{
    private const int MostContexts = 16;
    private const long MostBytes = 4L << 30;
    private const long MostWaste = 64L << 20;

    // Each is a descriptor until its build is over.
    private const int MostOpened = 512;
    private const int MostOpenedAtOnce = 128;

    // An offer that no build follows is forgotten.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Context> _contexts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Lease Lease, DateTimeOffset Until)> _offers = new(StringComparer.Ordinal);
    private int _opened;

    /// <summary>Takes an offer.</summary>
    /// <param name="key">The client's name for the context.</param>
    /// <param name="path">Where it lies there, for people.</param>
    /// <param name="files">Names and fingerprints.</param>
    /// <param name="opened">Files that the client has open; null: none.</param>
    /// <param name="connection">Of the client; null: its files cannot be had.</param>
    /// <returns>The offer's id and for each file whether it needs no content; null: another build has this context now, and all has to be sent.</returns>
    internal (string Id, IReadOnlyList<bool> Known)? Offer(string key, string path, IReadOnlyList<KeyValuePair<string, string>> files, IReadOnlyList<OpenedFile>? opened = null, SafeHandle? connection = null)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            EndForgotten(now);
            if (_contexts.GetValueOrDefault(key) is not { } context)
                _contexts[key] = context = new Context(key, path, new KeptContents(directory()), now) { LastUsed = now };
            if (context.InUse)
                return null;
            context.Contents.ForgetLost();
            var lease = new Lease(this, context, new OfferedContext(context.Contents, files));
            if (opened is { Count: > 0 } && connection is not null)
                lease.Files.Take(connection, opened, Math.Min(MostOpenedAtOnce, MostOpened - _opened));
            // Last: a context that failed to be offered is nobody's.
            (context.InUse, context.LastUsed, context.Uses) = (true, now, context.Uses + 1);
            _opened += lease.Opened = lease.Files.Opened;
            var name = Guid.NewGuid().ToString("n");
            _offers[name] = (lease, now + s_patience);
            return (name, [.. files.Select(file => context.Contents.Has(file.Key, file.Value) || lease.Files.IsOpened(file.Key))]);
        }
    }

    /// <summary>Begins the build of an offer.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it was forgotten.</exception>
    internal Lease Take(string id)
    {
        lock (_gate)
        {
            return _offers.Remove(id, out var offer) ? offer.Lease
                : throw new EngineException(ErrorKind.Conflict, $"what the client offered as '{id}' was forgotten meanwhile, so parts of the context are missing: build again");
        }
    }

    /// <summary>Lets go of what layers had that are gone, and of files of clients that never came back; what a build has stays until it is over.</summary>
    internal void ForgetLost()
    {
        lock (_gate)
        {
            EndForgotten(time.GetUtcNow());
            foreach (var context in _contexts.Values.Where(context => !context.InUse))
                context.Contents.ForgetLost();
        }
    }

    internal IReadOnlyList<BuildCacheEntry> List()
    {
        ForgetLost();
        lock (_gate)
            return [.. _contexts.Values.Select(context => new BuildCacheEntry(context.Key, "source.local", $"context {context.Path}", context.Created, context.LastUsed, context.Uses, context.Contents.Bytes, false, context.InUse))];
    }

    /// <summary>Removes contexts that no build has.</summary>
    internal IReadOnlyList<string> Remove(Func<BuildCacheEntry, bool> which)
    {
        var chosen = List().Where(which).Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            var gone = _contexts.Values.Where(context => !context.InUse && chosen.Contains(context.Key)).ToList();
            gone.ForEach(Drop);
            return [.. gone.Select(context => context.Key)];
        }
    }

    private void EndForgotten(DateTimeOffset now)
    {
        foreach (var (id, offer) in _offers.Where(offer => offer.Value.Until < now).ToList())
        {
            _offers.Remove(id);
            End(offer.Lease);
        }
    }

    private void Drop(Context context)
    {
        _contexts.Remove(context.Key);
        context.Contents.Dispose();
    }

    // What broke off half-way is not trusted; what is mostly left from earlier is sent anew one day.
    private void End(Lease lease)
    {
        var context = lease.Context;
        lease.Files.Close();
        _opened -= lease.Opened;
        context.InUse = false;
        context.Contents.ForgetLost();
        if (!lease.Files.IsWhole || context.Contents.Waste > MostWaste && context.Contents.Waste > context.Contents.Bytes / 2)
            Drop(context);
        foreach (var old in _contexts.Values.Where(old => !old.InUse).OrderBy(old => old.LastUsed).ToList())
        {
            if (_contexts.Count <= MostContexts && _contexts.Values.Sum(each => each.Contents.Bytes) <= MostBytes)
                break;
            Drop(old);
        }
    }

    /// <summary>A context while a build has it.</summary>
    internal sealed class Lease(KeptContexts contexts, Context context, OfferedContext files) : IDisposable
    {
        internal Context Context => context;

        internal OfferedContext Files => files;

        // Guarded by the contexts' gate.
        internal int Opened { get; set; }

        public void Dispose()
        {
            lock (contexts._gate)
                contexts.End(this);
        }
    }

    internal sealed class Context(string key, string path, KeptContents contents, DateTimeOffset created)
    {
        internal string Key => key;

        internal string Path => path;

        internal KeptContents Contents => contents;

        internal DateTimeOffset Created { get; } = created;

        internal DateTimeOffset LastUsed { get; set; }

        internal int Uses { get; set; }

        internal bool InUse { get; set; }
    }
}
