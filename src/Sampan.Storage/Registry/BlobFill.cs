using System.Net;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Registry;

/// <summary>
/// A blob that is being fetched from another registry, once, for all who read it meanwhile: (1) ask for it, from the byte where the last
/// try stopped (2) store and hash what comes, and wake the readers (3) check the digest (4) give it its name (5) let the readers have its
/// last byte. It goes on when readers go away; when it fails, they fail, and nothing is kept.
/// </summary>
internal sealed class BlobFill
{
    private const int BufferBytes = 128 * 1024;

    private readonly RegistryStore _store;
    private readonly RepositoryName _name;
    private readonly ContentDigest _digest;
    private readonly RegistryClient _client;
    private readonly Action<string> _tell;
    private readonly string _path;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the file: it is closed when the last of those who use it lets go.
    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private int _users;

    private long _written;
    private volatile bool _isVerified;
    private volatile Exception? _failure;

    internal BlobFill(RegistryStore store, RepositoryName name, ContentDigest digest, RegistryClient client, Action<string> tell) =>
        (_store, _name, _digest, _client, _tell, _path) = (store, name, digest, client, tell, store.NewIncoming());

    /// <summary>Ends when the fetch has ended, well or not; never fails.</summary>
    internal Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>Its size in bytes; null: not known. Not before it has started.</summary>
    internal long? Length { get; private set; }

    /// <summary>Begins the fetch.</summary>
    /// <param name="over">Called when it is over, before the readers are told.</param>
    /// <param name="ct">Ends it.</param>
    internal void Start(Action over, CancellationToken ct) => Done = Task.Run(() => RunAsync(over, ct), CancellationToken.None);

    /// <summary>Opens it for reading, as soon as the other registry has begun to send it.</summary>
    /// <exception cref="RegistryException">It does not.</exception>
    internal async Task<IBlobContent> OpenAsync(CancellationToken ct)
    {
        await _started.Task.WaitAsync(ct);
        lock (_gate)
        {
            if (_file is not null)
            {
                _users++;
                return new Reader(this, _file);
            }
        }
        // It was over in the meantime.
        return _store.OpenBlob(_name, _digest, forPush: false) ?? throw _failure ?? new RegistryException(StorageError.Unavailable, $"blob '{_digest}' was collected while it was asked for");
    }

    private async Task RunAsync(Action over, CancellationToken ct)
    {
        try
        {
            _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            _users = 1;
            using var hash = IncrementalHash.CreateHash(ContentDigest.HashOf(_digest.Algorithm));
            var before = 0L;
            await _client.Retry.RunAsync(
                async () =>
                {
                    await FetchAsync(_file, hash, ct); // 1, 2
                    return true;
                },
                () =>
                {
                    var moved = _written > before;
                    before = _written;
                    return moved;
                },
                ct);
            var actual = ContentDigest.FromHash(_digest.Algorithm, hash.GetHashAndReset()); // 3
            if (actual != _digest)
                throw new RegistryException(StorageError.Corrupt, $"registry '{_client.Endpoint.Host}' sent something else as blob '{_digest}': its digest is '{actual}'");
            RandomAccess.FlushToDisk(_file);
            _store.AddFetched(_name, _digest, _path); // 4
            over();
            _isVerified = true; // 5
        }
        catch (Exception failure)
        {
            // Whoever reads is told when nothing of it is left; so is the log, as nobody may read.
            File.Delete(_path);
            over();
            if (failure is not RegistryException { Kind: StorageError.NotFound } && !ct.IsCancellationRequested)
                _tell($"cannot fetch blob '{_digest}' of '{_name}': {failure.Message}");
            _failure = failure;
        }
        if (_failure is { } why)
            _started.TrySetException(why);
        else
            _started.TrySetResult();
        // Nobody may wait for it any more.
        _ = _started.Task.Exception;
        Pulse();
        LetGo();
    }

    private async Task FetchAsync(SafeFileHandle file, IncrementalHash hash, CancellationToken ct)
    {
        using var guard = _client.Guard(ct);
        using var answer = await _client.OpenBlobAsync(_digest.ToString(), _written == 0 ? null : (_written, Length - 1), guard);
        var isPart = answer.StatusCode == HttpStatusCode.PartialContent;
        var range = answer.Content.Headers.ContentRange;
        if (isPart && (_written == 0 || range?.From != _written))
            throw Lie($"it answered '{range}' to a request for the bytes from {_written} on");
        var told = isPart ? range?.Length : answer.Content.Headers.ContentLength;
        if (told is { } size)
        {
            if (Length is { } known && known != size)
                throw Lie($"it has {size} bytes now, and had {known} before");
            if (size > _store.Options.BlobMaxBytes)
                throw new RegistryException(StorageError.InvalidInput, $"blob '{_digest}' has {size} bytes, this registry takes at most {_store.Options.BlobMaxBytes}");
            Length = size;
        }
        _started.TrySetResult();
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(guard.Token);
            await CopyAsync(stream, file, hash, isPart ? 0 : _written, guard);
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(_client.Endpoint.Host, _client.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost) && !DiskRefusal.Is(lost))
        {
            throw RegistryFailures.From(lost, _client.Endpoint.Host);
        }
        if (Length is { } whole && _written < whole)
            throw new RegistryException(StorageError.Unavailable, $"registry '{_client.Endpoint.Host}' broke off blob '{_digest}' at byte {_written} of {whole}") { IsTransient = true };
    }

    private async Task CopyAsync(Stream stream, SafeFileHandle file, IncrementalHash hash, long passOver, StallGuard guard)
    {
        var buffer = new byte[BufferBytes];
        for (int read; (read = await stream.ReadAsync(buffer, guard.Token)) > 0;)
        {
            guard.Touch();
            var bytes = buffer.AsMemory(0, read);
            // It gives no parts: what is there already comes again.
            var known = (int)Math.Min(passOver, read);
            passOver -= known;
            bytes = bytes[known..];
            if (bytes.IsEmpty)
                continue;
            if (bytes.Length > (Length ?? _store.Options.BlobMaxBytes) - _written)
                throw Lie("more bytes came than it said");
            RandomAccess.Write(file, bytes.Span, _written);
            hash.AppendData(bytes.Span);
            Interlocked.Add(ref _written, bytes.Length);
            Pulse();
        }
    }

    private RegistryException Lie(string what) => new(StorageError.Corrupt, $"registry '{_client.Endpoint.Host}' lies about blob '{_digest}': {what}");

    private void Pulse()
    {
        var old = _pulse;
        _pulse = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.TrySetResult();
    }

    private void LetGo()
    {
        lock (_gate)
        {
            if (--_users > 0)
                return;
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Reads what is there, and waits for what is not.</summary>
    private sealed class Reader(BlobFill fill, SafeFileHandle file) : IBlobContent
    {
        private int _disposed;

        public ContentDigest Digest => fill._digest;

        public long? Length => fill.Length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
        {
            while (true)
            {
                var pulse = fill._pulse;
                var isVerified = fill._isVerified;
                if (fill._failure is { } failure)
                    throw new IOException($"cannot send blob '{fill._digest}': {failure.Message}", failure);
                var written = Interlocked.Read(ref fill._written);
                // Before all is verified nobody gets all: who counts bytes must not take wrong ones for right.
                var there = (isVerified ? written : written - 1) - offset;
                if (there > 0)
                    return await RandomAccess.ReadAsync(file, buffer[..(int)Math.Min(buffer.Length, there)], offset, ct);
                if (isVerified)
                    return 0;
                await pulse.Task.WaitAsync(ct);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                fill.LetGo();
        }
    }
}
