using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Registry;

/// <summary>
/// What a registry of ours stores. No database: links are files, and what is not linked does not exist for clients.
/// <code>
/// ROOT/blobs/sha256/HH/HEX                    bytes of blobs and manifests, each once; HH are the first two digits
/// ROOT/uploads/ID.data, ID.json               uploads, see <see cref="UploadSession"/>
/// ROOT/incoming/N                             being written; gone at the next start
/// ROOT/repositories/team+app/                 one directory for each repository, '+' for each '/' of its name:
///   blobs/sha256-HEX                          empty: the repository has this blob
///   manifests/sha256-HEX                      what is known of the manifest, as JSON
///   tags/v1                                   the digest that the tag points to
///   referrers/sha256-SUBJECT/sha256-HEX       empty: this manifest is about that one
/// </code>
/// Bytes are flushed before they get their name, and links are written after what they point to; so a crash at any instant leaves what was
/// there before, and perhaps bytes without a link, which are collected.
/// </summary>
/// <remarks>
/// Thread-safe. Each change of links is made under the shared side of one gate; deleting and collecting take its other side for moments,
/// so that nothing disappears between being looked for and being linked.
/// </remarks>
public sealed partial class RegistryStore : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Blobs = "blobs";
    private const string Manifests = "manifests";
    private const string Tags = "tags";
    private const string Referrers = "referrers";

    private readonly TimeProvider _time;
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly string _repositories;
    private long _sequence;

    private RegistryStore(RegistryStoreOptions options, TimeProvider time)
    {
        (Options, _time) = (options, time);
        _repositories = Path.Combine(options.Root, "repositories");
    }

    /// <summary>Where it lies and how much it may be.</summary>
    public RegistryStoreOptions Options { get; }

    /// <summary>Opens a store and makes it if it is not there. The caller sees to it that nobody else has it open.</summary>
    /// <param name="options">Where it lies.</param>
    /// <param name="time">The clock.</param>
    public static RegistryStore Open(RegistryStoreOptions options, TimeProvider time)
    {
        foreach (var directory in new[] { "", Blobs, "uploads", "incoming", "repositories" })
            Directory.CreateDirectory(Path.Combine(options.Root, directory), OwnerOnly);
        var store = new RegistryStore(options, time);
        foreach (var leftover in Directory.EnumerateFiles(Path.Combine(options.Root, "incoming")))
            File.Delete(leftover);
        store.OpenUploads();
        return store;
    }

    /// <summary>Opens a store only to see what <see cref="Collect(bool, CancellationToken, bool)"/> would collect; somebody else may have it open.</summary>
    /// <exception cref="StorageException">NotFound: there is none.</exception>
    public static RegistryStore OpenToLook(RegistryStoreOptions options, TimeProvider time) =>
        Directory.Exists(Path.Combine(options.Root, "repositories"))
            ? new RegistryStore(options, time)
            : throw new StorageException(StorageError.NotFound, $"'{options.Root}' holds no registry");

    /// <summary>Closes what is open of uploads; they can be gone on with later.</summary>
    public void Dispose()
    {
        foreach (var upload in _uploads.Values)
            upload.Dispose();
    }

    /// <summary>Opens a blob that a repository has.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="forPush">True if the answer lets somebody leave out sending it: it then stays for a while though nothing refers to it.</param>
    /// <returns>Null: it has none of that digest.</returns>
    public BlobFile? OpenBlob(RepositoryName name, ContentDigest digest, bool forPush)
    {
        var link = LinkOf(name, Blobs, digest);
        return Shared(() =>
        {
            if (!File.Exists(link) || TryOpen(digest) is not { } blob)
                return null;
            if (forPush)
                Touch(link, digest);
            return blob;
        });
    }

    /// <summary>Lets a repository have a blob that another one has.</summary>
    /// <returns>False: that one does not have it.</returns>
    public bool MountBlob(RepositoryName name, RepositoryName from, ContentDigest digest) => Shared(() =>
    {
        if (!File.Exists(LinkOf(from, Blobs, digest)) || !File.Exists(PathOf(digest)))
            return false;
        LinkBlob(name, digest);
        return true;
    });

    /// <summary>Takes a blob from a repository. Its bytes go when they are collected.</summary>
    /// <returns>False: it had none of that digest.</returns>
    public bool DeleteBlob(RepositoryName name, ContentDigest digest) => Exclusive(() => Unlink(LinkOf(name, Blobs, digest)));

    /// <summary>True if anything was ever pushed to it that is still there.</summary>
    public bool HasRepository(RepositoryName name) => Directory.Exists(DirectoryOf(name));

    /// <summary>The repositories.</summary>
    /// <param name="count">At most so many.</param>
    /// <param name="last">Only those behind this name; null: from the first on.</param>
    public Page ListRepositories(int count, string? last)
    {
        var names = Directory.EnumerateDirectories(_repositories)
            .Select(directory => RepositoryName.TryParseDirectory(Path.GetFileName(directory), out var name) ? name.Text : null)
            .OfType<string>();
        return PageOf(names, count, last);
    }

    internal static Page PageOf(IEnumerable<string> names, int count, string? last)
    {
        // One more than asked for tells whether there are others; all the rest is never in memory at a time.
        var first = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (last is not null && string.CompareOrdinal(name, last) <= 0)
                continue;
            first.Add(name);
            if (first.Count > (long)count + 1)
                first.Remove(first.Max ?? "");
        }
        return new Page([.. first.Take(count)], count > 0 && first.Count > count);
    }

    internal string PathOf(ContentDigest digest) => Path.Combine(Options.Root, Blobs, digest.Algorithm, digest.Hex[..2], digest.Hex);

    internal BlobFile? TryOpen(ContentDigest digest)
    {
        try
        {
            return new BlobFile(digest, File.OpenHandle(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A new file for bytes that are to become a blob.</summary>
    internal string NewIncoming() => Path.Combine(Options.Root, "incoming", Interlocked.Increment(ref _sequence).ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Gives bytes, flushed already, their name; the caller is inside of the gate.</summary>
    internal void Promote(string path, ContentDigest digest)
    {
        var target = PathOf(digest);
        var directory = Path.GetDirectoryName(target) ?? Options.Root;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            Sync(Path.GetDirectoryName(directory) ?? Options.Root);
            Sync(Path.Combine(Options.Root, Blobs));
        }
        File.Move(path, target, overwrite: true);
        Sync(directory);
    }

    /// <summary>Lets a repository have a blob; the caller is inside of the gate.</summary>
    internal void LinkBlob(RepositoryName name, ContentDigest digest)
    {
        var link = LinkOf(name, Blobs, digest);
        if (!File.Exists(link))
            WriteLink(link, []);
        Touch(link, digest);
    }

    internal string DirectoryOf(RepositoryName name) => Path.Combine(_repositories, name.DirectoryName);

    private string LinkOf(RepositoryName name, string kind, ContentDigest digest) => Path.Combine(DirectoryOf(name), kind, digest.FileName);

    // The time of a link is when somebody was last told that it is there.
    private void Touch(string link, ContentDigest digest)
    {
        File.SetLastWriteTimeUtc(link, _time.GetUtcNow().UtcDateTime);
        Spare(digest);
    }

    private void WriteLink(string path, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(path) ?? _repositories;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            for (var parent = Path.GetDirectoryName(directory); parent is not null && parent.Length >= _repositories.Length; parent = Path.GetDirectoryName(parent))
                Sync(parent);
        }
        AtomicFile.Write(path, content);
    }

    private static bool Unlink(string path)
    {
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        Sync(Path.GetDirectoryName(path) ?? "/");
        return true;
    }

    private static void Sync(string directory)
    {
        using var handle = DirectoryHandle.Open(directory);
        handle.Descriptor.Sync();
    }

    private T Shared<T>(Func<T> work)
    {
        _gate.EnterReadLock();
        try
        {
            return work();
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private T Exclusive<T>(Func<T> work)
    {
        _gate.EnterWriteLock();
        try
        {
            return work();
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }
}
