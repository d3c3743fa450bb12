using System.Collections.Concurrent;
using System.Text.Json;
using Sampan.Linux.Io;

namespace Sampan.Storage.Registry;

/// <summary>Blobs on their way in.</summary>
public sealed partial class RegistryStore
{
    private readonly ConcurrentDictionary<Guid, UploadSession> _uploads = new();

    /// <summary>Uploads that are open.</summary>
    public int UploadCount => _uploads.Count;

    /// <summary>Begins an upload.</summary>
    /// <param name="name">The repository that it goes to.</param>
    /// <param name="user">Who may go on with it; null: there are no users.</param>
    /// <param name="algorithm">The algorithm that its digest will probably have; null: SHA-256.</param>
    /// <exception cref="RegistryRefusalException">TooManyRequests: too many are open.</exception>
    public UploadSession BeginUpload(RepositoryName name, string? user, string? algorithm)
    {
        if (_uploads.Count >= Options.MaxUploads)
            throw new RegistryRefusalException(RefusalCode.TooManyRequests, $"{Options.MaxUploads} uploads are open already: finish or cancel some, or try again later");
        // From the kernel's random numbers: nobody guesses another one's.
        var id = Guid.NewGuid();
        var record = new UploadRecord { Repository = name.Text, User = user, Algorithm = algorithm };
        Shared(() =>
        {
            AtomicFile.Write(RecordOf(id), JsonSerializer.SerializeToUtf8Bytes(record, RegistryStoreJson.Default.UploadRecord), durable: false);
            File.OpenHandle(DataOf(id), FileMode.CreateNew, FileAccess.Write).Dispose();
            return true;
        });
        var upload = new UploadSession(id, DataOf(id), name, user, algorithm ?? ContentDigest.Sha256, 0);
        _uploads[id] = upload;
        return upload;
    }

    /// <summary>Finds an upload; null: there is none, or it is for another repository or somebody else's.</summary>
    public UploadSession? FindUpload(RepositoryName name, string? user, string id) =>
        Guid.TryParseExact(id, "D", out var guid) && _uploads.TryGetValue(guid, out var upload) && upload.Repository == name && upload.User == user ? upload : null;

    /// <summary>Makes an upload a blob of its repository; the caller has entered it. It is over then, whatever happens.</summary>
    /// <exception cref="RegistryRefusalException">DigestInvalid: the bytes have another digest; nothing of them is kept.</exception>
    public void FinishUpload(UploadSession upload, ContentDigest digest, CancellationToken ct)
    {
        var actual = upload.Compute(digest.Algorithm, ct);
        try
        {
            if (actual != digest)
                throw new RegistryRefusalException(RefusalCode.DigestInvalid, $"provided digest did not match uploaded content: '{digest}' was announced, the {upload.Length} bytes have '{actual}'");
            upload.Flush();
            Shared(() =>
            {
                Promote(upload.DataPath, digest);
                LinkBlob(upload.Repository, digest);
                return true;
            });
        }
        finally
        {
            CancelUpload(upload);
        }
    }

    /// <summary>Keeps nothing of an upload; the caller has entered it.</summary>
    public void CancelUpload(UploadSession upload)
    {
        _uploads.TryRemove(upload.Id, out _);
        upload.End();
        File.Delete(DataOf(upload.Id));
        File.Delete(RecordOf(upload.Id));
    }

    /// <summary>Gives up what nobody went on with for long.</summary>
    /// <returns>The bytes that became free.</returns>
    public async Task<long> ExpireUploadsAsync(CancellationToken ct)
    {
        long freed = 0;
        var before = _time.GetUtcNow() - Options.UploadExpiry;
        foreach (var upload in _uploads.Values)
        {
            // What is being written to is not abandoned.
            if (File.GetLastWriteTimeUtc(upload.DataPath) >= before.UtcDateTime || !await upload.TryEnterAsync(TimeSpan.Zero, ct))
                continue;
            try
            {
                if (upload.IsOver || File.GetLastWriteTimeUtc(upload.DataPath) >= before.UtcDateTime)
                    continue;
                freed += upload.Length;
                CancelUpload(upload);
            }
            finally
            {
                upload.Leave();
            }
        }
        return freed;
    }

    private void OpenUploads()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Options.Root, "uploads"), "*.json"))
        {
            if (TryReadUpload(file) is not { } upload)
                continue;
            _uploads[upload.Id] = upload;
            known.Add(upload.Id.ToString("D"));
        }
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Options.Root, "uploads")))
        {
            // Half-made ones, of a crash.
            if (!known.Contains(Path.GetFileNameWithoutExtension(file)))
                File.Delete(file);
        }
    }

    private UploadSession? TryReadUpload(string file)
    {
        if (!Guid.TryParseExact(Path.GetFileNameWithoutExtension(file), "D", out var id) || !File.Exists(DataOf(id)))
            return null;
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(file), RegistryStoreJson.Default.UploadRecord);
            return record is not null && RepositoryName.TryParse(record.Repository, out var name)
                ? new UploadSession(id, DataOf(id), name, record.User, ContentDigest.IsAlgorithm(record.Algorithm) ? record.Algorithm ?? ContentDigest.Sha256 : ContentDigest.Sha256, new FileInfo(DataOf(id)).Length)
                : null;
        }
        catch (JsonException)
        {
            // Torn by a power cut: whoever began it begins anew.
            return null;
        }
    }

    private string DataOf(Guid id) => Path.Combine(Options.Root, "uploads", $"{id:D}.data");

    private string RecordOf(Guid id) => Path.Combine(Options.Root, "uploads", $"{id:D}.json");
}
